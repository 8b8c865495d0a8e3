/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are part of the program. The assembler takes them in as they are:
 * half a megabyte of script as an array in C would be slow to compile. */
#include "pipeline/report/html/html.h"

#define ASSET(name, file)                                                      \
    __asm__(".pushsection .rodata\n"                                           \
            ".hidden " #name "\n"                                              \
            ".hidden " #name "_end\n"                                          \
            ".globl " #name "\n"                                               \
            ".globl " #name "_end\n" #name ":\n"                               \
            ".incbin \"" file "\"\n" #name "_end:\n"                           \
            ".byte 0\n"                                                        \
            ".popsection\n");                                                  \
    extern const char name[], name##_end[]

ASSET(gb_html_style_text, GB_HTML_STYLE);
ASSET(gb_html_script_text, GB_HTML_SCRIPT);
ASSET(gb_html_charts_text, GB_HTML_CHARTS);

static gb_html_asset between(const char *begin, const char *end) {
    return (gb_html_asset){begin, (size_t)(end - begin)};
}

gb_html_asset gb_html_style(void) {
    return between(gb_html_style_text, gb_html_style_text_end);
}

gb_html_asset gb_html_script(void) {
    return between(gb_html_script_text, gb_html_script_text_end);
}

gb_html_asset gb_html_charts(void) {
    return between(gb_html_charts_text, gb_html_charts_text_end);
}
