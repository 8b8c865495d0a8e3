/* SPDX-License-Identifier: Apache-2.0 */
/* Of Apache ECharts what the pages use, as the global `echarts`. */
import * as core from "echarts/core";
import {BarChart, BoxplotChart, CustomChart, LineChart, ScatterChart}
  from "echarts/charts";
import {AriaComponent, DataZoomComponent, GridComponent, LegendComponent,
  LegendScrollComponent, MarkAreaComponent, MarkLineComponent, TitleComponent,
  TooltipComponent} from "echarts/components";
import {LabelLayout} from "echarts/features";
import {CanvasRenderer} from "echarts/renderers";

core.use([AriaComponent, BarChart, BoxplotChart, CanvasRenderer, CustomChart,
  DataZoomComponent, GridComponent, LabelLayout, LegendComponent,
  LegendScrollComponent, LineChart, MarkAreaComponent, MarkLineComponent,
  ScatterChart, TitleComponent, TooltipComponent]);
globalThis.echarts = core;
