# SPDX-License-Identifier: Apache-2.0
"""Management controllers: the sources redfish and ipmi of the real binary.

Redfish talks to an HTTPS server of our own, with certificates made here and
documents made up after DMTF's schemas. IPMI talks through the real ipmitool to
OpenIPMI's ipmi_sim. The simulator does not know DCMI: the one answer "get power
reading" comes from a module of ours that it loads (ipmi_sim_dcmi.c); session,
authentication and encryption are its own. What a controller cannot be made to
do (hang, print garbage) is done by a stub named ipmitool.

GB_SIM_MODULE: the module, "" if it was not built.
"""
import base64
import concurrent.futures
import datetime
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import gb

USER = "monitor"
PASSWORD = "Tr0ub4dor-and-3"
SIM_MODULE = os.environ.get("GB_SIM_MODULE", "")
JOULES_AT_START, WATTS = 5.0e9, 200.0


def link(path):
    return {"@odata.id": path}


def controller(watts, **more):
    """Power as many machines have it: the node's, an average, a rating."""
    return {"PowerControl": [{
        "PowerConsumedWatts": watts, "PowerCapacityWatts": 1820,
        "PowerMetrics": {"IntervalInMin": 1, "AverageConsumedWatts": 426},
        **more}],
        "PowerSupplies": [{"PowerInputWatts": 900, "LastPowerOutputWatts": 203,
                           "Oem": {"Maker": {"MaxInputPowerWatts": 900}}}]}


def lifetime_sensor(now):
    stamp = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    return {"Reading": 1, "ReadingUnits": "J",
            "LifetimeReading": JOULES_AT_START + round(WATTS * now % 1e9, 1),
            "SensingInterval": "PT0.1S", "VoltageType": "DC",
            "ReadingTime": stamp.isoformat(timespec="milliseconds"),
            "Status": {"State": "Enabled"}}


C = "/redfish/v1/Chassis/"
DOCUMENTS = {
    "/redfish/v1/": {"Systems": link("/redfish/v1/Systems"),
                     "Chassis": link("/redfish/v1/Chassis")},
    "/redfish/v1/Systems": {"Members": [link("/redfish/v1/Systems/1")]},
    "/redfish/v1/Systems/1": {"Links": {"Chassis": [link(C + "1")]}},
    C + "1": {"Power": link(C + "1/Power"),
              "Links": {"ComputerSystems": [link("/redfish/v1/Systems/1")]}},
    C + "1/Power": controller(429),
    C + "shared": {"Power": link(C + "1/Power"), "Links": {"ComputerSystems": [
        link("/redfish/v1/Systems/1"), link("/redfish/v1/Systems/2")]}},
    C + "counter": {"EnvironmentMetrics": link(C + "counter/E"),
                    "Power": link(C + "1/Power")},
    C + "counter/E": {"EnergyJoules": {
        "LifetimeReading": JOULES_AT_START,
        "DataSourceUri": C + "counter/Sensors/Total"},
        "EnergykWh": {"LifetimeReading": 34855.1},
        "PowerWatts": {"Reading": 203}},
    C + "counter/Sensors/Total": lifetime_sensor,
    C + "flaky": {"Power": link(C + "flaky/Power")},
    C + "flaky/Power": controller(300),
    C + "lies": {"Power": link(C + "lies/Power")},
    C + "lies/Power": controller(1820),
    C + "nulls": {"Power": link(C + "nulls/Power")},
    C + "nulls/Power": controller(None),
    C + "nothing": {"Name": "a riser"},
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.connections += 1

    def reply(self, code, body=b"", headers=(), length=None):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length",
                         str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        server = self.server
        server.requests += 1
        wanted = "Basic " + base64.b64encode(
            f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            return self.reply(401, b'{"error": {}}')
        name = self.path.rsplit("/", 1)[1]
        if name == "hang":
            server.over.wait(30)
            self.close_connection = True
            return None
        if name in ("403", "500", "503"):
            return self.reply(int(name), b"{}")
        if name == "elsewhere":
            return self.reply(302, headers=[("Location", server.elsewhere)])
        if name == "moved":
            return self.reply(308, headers=[("Location", C + "1")])
        if name == "loop":
            return self.reply(302, headers=[("Location", self.path)])
        if name == "cut":
            return self.reply(200, b'{"Power": {"@odata')
        if name == "dropped":
            self.close_connection = True
            return self.reply(200, b'{"Power"', length=1000)
        if name == "huge":
            return self.reply(200, b'{"a": "' + b"x" * (1 << 21) + b'"}')
        document = DOCUMENTS.get(self.path)
        if document is None:
            return self.reply(404, b"{}")
        if self.path == C + "flaky/Power":
            server.flaky += 1
            if server.flaky % 4 == 3:
                return self.reply(503, b"{}")
        if callable(document):
            document = document(time.time())
        return self.reply(200, json.dumps(document).encode())


def start_server(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.connections = server.requests = server.flaky = 0
    server.over = threading.Event()
    server.elsewhere = "http://127.0.0.1:9/"
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def stop_server(server):
    server.over.set()
    server.shutdown()
    server.server_close()


def make_certificates(folder):
    """A CA and a server certificate for localhost; and a CA that signed
    nothing."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", f"/CN=greenbench test {name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key",
            "-out", "server.csr")
    (folder / "san").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san",
            "-out", "server.pem")


class Controller(gb.Case):
    """What both sources share. Every output is searched for the password."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gb-bmc-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def assert_no_secret(self, text):
        for secret in (PASSWORD, base64.b64encode(
                f"{USER}:{PASSWORD}".encode()).decode()):
            self.assertNotIn(secret, text)

    def secret_file(self, text, mode=0o600, name="secret"):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def sensors(self, energy, *more, env=None):
        done = gb.run(["sensors", "--json", "--energy", energy, *more], env=env)
        self.assertEqual(done.code, 0, str(done))
        self.assert_no_secret(done.out + done.err)
        return json.loads(done.out)

    def first(self, energy, *more, env=None):
        return self.sensors(energy, *more, env=env)["domains"][0]


@unittest.skipUnless(shutil.which("openssl"), "no openssl: no certificates")
class Redfish(Controller):
    @classmethod
    def setUpClass(cls):
        cls.pki = pathlib.Path(tempfile.mkdtemp(prefix="gb-pki-"))
        make_certificates(cls.pki)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.pki / "server.pem", cls.pki / "server.key")
        cls.server = start_server(context)
        cls.origin = f"https://localhost:{cls.server.server_port}"
        done = gb.run(["sensors", "--json", "--energy",
                       f"redfish={cls.origin}"])
        if "without libcurl" in done.out:
            raise unittest.SkipTest("this build has no libcurl")

    @classmethod
    def tearDownClass(cls):
        stop_server(cls.server)
        shutil.rmtree(cls.pki, ignore_errors=True)

    def setting(self, path="", ca="ca.pem", login=f"{USER}\n{PASSWORD}\n",
                mode=0o600):
        file = self.secret_file(login, mode)
        return (f"redfish={self.origin}{path};credentials={file}"
                f";ca={self.pki / ca}")

    def test_what_is_read_and_what_is_not(self):
        for path in ("", C + "1", "/redfish/v1/Systems/1", C + "1/Power",
                     C + "moved"):
            with self.subTest(path=path):
                domains = self.sensors(self.setting(path))["domains"]
                node = domains[0]
                self.assertEqual(node["status"], "ok", node)
                self.assertEqual(node["domain"],
                                 "Power: PowerControl[0].PowerConsumedWatts")
                self.assertEqual((node["scope"], node["kind"], node["quality"]),
                                 ("node-ac", "power", "measured"))
                self.assertTrue(node["summed"])
                self.assertFalse(node["shared"])
                self.assertIn("taken as the input", node["reason"])
                self.assertTrue(node["path"].startswith(self.origin))
                refused = {d["domain"]: d for d in domains[1:]}
                for word, reason in (("PowerInputWatts", "rated maximum"),
                                     ("LastPowerOutputWatts", "one power"),
                                     ("AverageConsumedWatts", "1 min")):
                    row = [d for n, d in refused.items() if word in n]
                    self.assertEqual([d["status"] for d in row],
                                     ["unsupported"])
                    self.assertIn(reason, row[0]["reason"])
        self.assertTrue(self.first(self.setting(C + "shared"))["shared"])

    def test_power_and_energy(self):
        before = self.server.connections
        with concurrent.futures.ThreadPoolExecutor() as pool:
            power, energy, flaky = pool.map(
                lambda path: self.sensors(self.setting(path), "--measure",
                                          "11s"),
                (C + "1", C + "counter", C + "flaky"))
        node = power["domains"][0]
        self.assertAlmostEqual(node["power_w"], 429, delta=0.5)
        self.assertAlmostEqual(power["node"]["power_w"], 429, delta=0.5)
        node = energy["domains"][0]
        self.assertEqual(node["domain"], "Total: LifetimeReading")
        self.assertEqual((node["kind"], node["scope"], node["stamped"]),
                         ("energy", "node-dc", True))
        self.assertIsNotNone(node["power_w"], node["reason"])
        self.assertAlmostEqual(node["power_w"] / WATTS, 1, delta=0.05)
        reasons = " ".join(d["reason"] for d in energy["domains"][1:])
        self.assertIn("too coarse", reasons)
        self.assertIn("is read instead", reasons)
        # One answer of four is an error: neither a zero nor the end.
        self.assertGreater(self.server.flaky, 5)
        node = flaky["domains"][0]
        self.assertEqual(node["status"], "ok")
        if node["power_w"] is None:
            self.assertTrue(flaky["node"]["reason"] or node["reason"])
        else:
            self.assertAlmostEqual(node["power_w"], 300, delta=1)
        # Hundreds of requests over connections that stay open.
        self.assertLessEqual(self.server.connections - before, 12)

    def test_words_for_what_cannot_be_read(self):
        wrong = f"{USER}\nnot-{PASSWORD[:4]}\n"
        cases = [
            ({"login": wrong}, "forbidden", "401", "credentials=FILE"),
            ({"path": C + "403"}, "forbidden", "403", "credentials=FILE"),
            ({"path": C + "404"}, "unsupported", "404", "/redfish/v1/Chassis"),
            ({"path": C + "500"}, "failed", "500", None),
            ({"path": C + "cut"}, "failed", "JSON", None),
            ({"path": C + "dropped"}, "failed", "", None),
            ({"path": C + "huge"}, "failed", "1048576 bytes", None),
            ({"path": C + "loop"}, "failed", "302", None),
            ({"path": C + "elsewhere"}, "failed", "redirect", "answers itself"),
            ({"path": C + "nothing"}, "unsupported", "EnvironmentMetrics",
             "/redfish/v1/Chassis"),
            ({"path": C + "nulls"}, "unsupported", "null", None),
            ({"path": C + "lies"}, "unsupported", "rating", None),
            ({"ca": "other.pem"}, "failed", "certificate", "ca=FILE"),
            ({"ca": "none.pem"}, "failed", "certificates", "ca=FILE"),
            ({"mode": 0o640}, "failed", "0640", "chmod 600"),
            ({"login": "one line"}, "failed", "two lines", "two lines"),
        ]
        for options, status, reason, fix in cases:
            with self.subTest(options=options):
                node = self.first(self.setting(**options))
                self.assertEqual(node["status"], status, node)
                self.assertIn(reason, node["reason"])
                if fix:
                    self.assertIn(fix, node["fix"])
                self.assertFalse(node["summed"])
                self.assertEqual(node["quality"], "unavailable")

    def test_the_certificate_is_always_verified(self):
        node = self.first(self.setting().rsplit(";ca=", 1)[0])
        self.assertEqual(node["status"], "failed", node)
        self.assertIn("certificate", node["reason"])
        self.assertIn("ca=FILE", node["fix"])
        # Signed by the right authority, for another name.
        requests = self.server.requests
        node = self.first(self.setting().replace("localhost", "127.0.0.1"))
        self.assertEqual(node["status"], "failed", node)
        self.assertEqual(self.server.requests, requests)
        done = gb.run(["sensors", "--energy", self.setting() + ";insecure=1"])
        self.assertEqual(done.code, 2, str(done))

    def test_a_redirect_takes_no_password_along(self):
        other = start_server()
        self.server.elsewhere = f"http://127.0.0.1:{other.server_port}{C}1"
        try:
            self.first(self.setting(C + "elsewhere"))
        finally:
            stop_server(other)
        self.assertEqual(other.requests, 0)

    def test_a_controller_that_hangs_is_given_up(self):
        begin = time.monotonic()
        node = self.first(self.setting(C + "hang"))
        self.assertLess(time.monotonic() - begin, 12)
        self.assertEqual(node["status"], "failed", node)
        self.assertIn("within 5 s", node["reason"])
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            node = self.first(
                f"redfish=http://127.0.0.1:{closed.getsockname()[1]}")
        self.assertEqual(node["status"], "failed", node)
        self.assertIn("address", node["fix"])

    def test_a_login_from_the_environment(self):
        env = {"GREENBENCH_REDFISH": f"{self.origin};ca={self.pki / 'ca.pem'}",
               "GREENBENCH_REDFISH_USER": USER,
               "GREENBENCH_REDFISH_PASSWORD": PASSWORD}
        self.assertEqual(self.first("redfish", env=env)["status"], "ok")
        env["GREENBENCH_REDFISH_PASSWORD"] = "wrong"
        self.assertEqual(self.first("redfish", env=env)["status"], "forbidden")
        self.assertEqual(self.first("redfish")["status"], "absent")

    def test_a_simulated_root(self):
        root = {"GREENBENCH_SYSROOT": str(
            gb.FIXTURES / "intel-2s-skx-dram" / "t0")}
        node = self.first(self.setting(), env=root)
        self.assertEqual((node["status"], node["quality"]),
                         ("ok", "simulated"), node)
        node = self.first("redfish=https://bmc.invalid", env=root)
        self.assertEqual(node["status"], "absent", node)
        self.assertIn("simulated", node["reason"])

    def test_credentials_in_an_address_are_refused_unread(self):
        address = self.origin.replace("//", f"//{USER}:{PASSWORD}@")
        for command in (["sensors"], ["-b", "compute.fma", "-o", self.output]):
            for energy in (f"redfish={address}", f"powercap,redfish={address}",
                           f"redfish={self.origin};password={PASSWORD}"):
                done = gb.run([*command, "--energy", energy])
                self.assertEqual(done.code, 2, str(done))
                self.assert_no_secret(done.out + done.err)
        self.assertEqual(os.listdir(self.output), [])
        node = self.first("redfish", env={"GREENBENCH_REDFISH": address})
        self.assertEqual(node["status"], "failed", node)

    def test_a_run_stores_no_secret(self):
        done = self.run_ok(["-b", "compute.fma", "-e", self.setting(),
                            *gb.QUICK])
        self.assert_no_secret(done.out + done.err)
        names = []
        for base, _, files in os.walk(self.output):
            for name in files:
                names.append(name)
                text = pathlib.Path(base, name).read_bytes()
                self.assert_no_secret(text.decode(errors="replace"))
        self.assertIn("summary.json", names)


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Simulator:
    """OpenIPMI's ipmi_sim with one controller and one user, as a context."""

    def __init__(self, folder):
        self.port = free_udp_port()
        self.numbers = folder / "numbers"
        self.say(231, 1000, 1)
        auths = "\n".join(f"    allowed_auths_{level} none md2 md5 straight"
                          for level in ("callback", "user", "operator",
                                        "admin"))
        (folder / "lan.conf").write_text(f"""name "testbmc"
set_working_mc 0x20
  loadlib "{SIM_MODULE}" "{self.numbers}"
  startlan 1
    addr 127.0.0.1 {self.port}
    priv_limit admin
{auths}
    guid a123456789abcdefa123456789abcdef
  endlan
  user 2 true "{USER}" "{PASSWORD}" admin 10 none md2 md5 straight
""")
        (folder / "emu").write_text(
            "mc_setbmc 0x20\n"
            "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\n"
            "mc_enable 0x20\n")
        self.log = open(folder / "sim.log", "w+")
        self.process = subprocess.Popen(
            ["ipmi_sim", "-n", "-p", "-c", folder / "lan.conf", "-f",
             folder / "emu", "-s", folder], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT)

    def say(self, watts, period_ms, active):
        self.numbers.write_text(f"{watts} {period_ms} {active}\n")

    def answers(self):
        """An ASF presence ping comes back once it listens."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(0.2)
            for _ in range(25):
                try:
                    one.sendto(bytes.fromhex("0600ff06000011be80010000"),
                               ("127.0.0.1", self.port))
                    one.recv(100)
                    return True
                except OSError:
                    time.sleep(0.05)
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Ipmi(Controller):
    def password_file(self, mode=0o600, text=PASSWORD + "\n"):
        return self.secret_file(text, mode)

    def stub(self, script):
        """A program of this name before all others in PATH."""
        path = self.folder / "bin"
        path.mkdir(exist_ok=True)
        (path / "ipmitool").write_text("#!/bin/sh\n" + script)
        (path / "ipmitool").chmod(0o755)
        return {"PATH": f"{path}:{os.environ['PATH']}"}

    def lan(self, file=None, more=""):
        return f"ipmi=lan:bmc1;user={USER};password-file=" \
               f"{file or self.password_file()}{more}"

    @unittest.skipUnless(SIM_MODULE, "OpenIPMI's headers were not there, so "
                         "that ipmi_sim cannot be taught DCMI")
    @unittest.skipUnless(shutil.which("ipmi_sim"), "no ipmi_sim (openipmi)")
    @unittest.skipUnless(shutil.which("ipmitool"), "no ipmitool")
    def test_a_simulated_controller(self):
        with Simulator(self.folder) as sim:
            self.assertTrue(sim.answers(),
                            (self.folder / "sim.log").read_text())

            def setting(level="ADMINISTRATOR", file=None):
                return (f"ipmi=lan:127.0.0.1:{sim.port}+user={USER}"
                        f"+password-file={file or self.password_file()}"
                        f"+level={level}+cipher=3")
            sensors = self.sensors(setting(), "--measure", "11s")
            node = sensors["domains"][0]
            self.assertEqual(node["status"], "ok", node)
            self.assertEqual((node["scope"], node["kind"], node["update_ns"]),
                             ("node-ac", "power", 10**9))
            self.assertEqual((node["tick_j"], node["step_j"]), (1, 1))
            self.assertIn("does not say", node["reason"])
            self.assertAlmostEqual(node["power_w"], 231, delta=0.5)
            sim.say(231, 5000, 1)
            self.assertEqual(self.first(setting())["update_ns"], 5 * 10**9)
            sim.say(0, 1000, 1)
            node = self.first(setting())
            self.assertEqual(node["status"], "failed", node)
            self.assertIn("0 W", node["reason"])
            sim.say(231, 1000, 0)
            node = self.first(setting())
            self.assertEqual(node["status"], "unsupported", node)
            self.assertIn("deactivated", node["reason"])
            sim.numbers.unlink()  # "invalid command": no DCMI
            node = self.first(setting())
            self.assertEqual(node["status"], "unsupported", node)
            self.assertIn("redfish", node["fix"])
            sim.say(231, 1000, 1)
            # ipmi_sim lets only administrators use group extensions.
            node = self.first(setting(level="USER"))
            self.assertEqual(node["status"], "forbidden", node)
            self.assertIn("level=", node["fix"])
            wrong = self.secret_file("not-this\n", name="wrong")
            node = self.first(setting(file=wrong))
            self.assertEqual(node["status"], "failed", node)
            self.assertIn("password", node["fix"])

    def test_answers_that_are_none(self):
        text = ("Instantaneous power reading: {} Watts\\n"
                "Power reading state is: {}\\n")
        cases = [
            ("printf '" + text.format(102, "activated") + "'", "ok", "", ""),
            ("printf '" + text.format(102, "deactivated") + "'", "unsupported",
             "deactivated", "BMC"),
            ("printf '" + text.format(-4, "activated") + "'", "failed", "-4",
             ""),
            ("printf '" + text.format(65535, "activated") + "'", "failed",
             "65535", "does not measure"),
            ("head -c 300 /dev/zero", "failed", "other text", "cipher="),
            ("exec yes watts", "failed", "4095 bytes", "cipher="),
            ("echo 'no such bus' >&2; exit 3", "failed", "got 3: no such bus",
             "cipher="),
            ("echo 'DCMI request failed because: Invalid command (c1)' >&2;"
             " exit 1", "unsupported", "Invalid command", "redfish"),
            ("kill -9 $$", "failed", "signal 9", "cipher="),
        ]
        for script, status, reason, fix in cases:
            with self.subTest(script=script):
                node = self.first(self.lan(), env=self.stub(script))
                self.assertEqual(node["status"], status, node)
                self.assertIn(reason, node["reason"])
                self.assertIn(fix, node["fix"] or "")

    def test_one_that_hangs_is_killed(self):
        pids = self.folder / "pids"
        begin = time.monotonic()
        node = self.first(self.lan(), env=self.stub(
            f"echo $$ >>{pids}; sleep 300 & echo $! >>{pids}; wait"))
        self.assertLess(time.monotonic() - begin, 12)
        self.assertEqual(node["status"], "failed", node)
        self.assertIn("within 5 s", node["reason"])
        for pid in pids.read_text().split():
            state = pathlib.Path(f"/proc/{pid}/status")
            for _ in range(50):
                try:
                    if "State:\tZ" in state.read_text():
                        break  # dead; init has not looked yet
                except OSError:
                    break
                time.sleep(0.1)
            else:
                self.fail(f"process {pid} still runs")

    def test_the_password_is_on_no_command_line(self):
        seen = self.folder / "seen"
        self.first(self.lan(), env=self.stub(
            f"echo \"$@\" >>{seen}; cat /proc/$$/environ >>{seen}; exit 1"))
        text = seen.read_text()
        self.assertIn("-f ", text)
        self.assertIn("-I lanplus -H bmc1", text)
        self.assert_no_secret(text)

    def test_the_password_file_is_a_secret(self):
        env = self.stub("exit 0")
        node = self.first(self.lan(self.password_file(0o644)), env=env)
        self.assertEqual(node["status"], "failed", node)
        self.assertIn("0644", node["reason"])
        self.assertIn("chmod 600", node["fix"])
        node = self.first(self.lan("/nonexistent/file"), env=env)
        self.assertEqual(node["status"], "failed", node)
        self.assertIn("errno 2", node["reason"])

    def test_programs_and_devices_that_are_not_here(self):
        node = self.first(self.lan(), env={"PATH": "/nonexistent"})
        self.assertEqual(node["status"], "absent", node)
        self.assertIn("ipmitool", node["fix"])
        if not any(os.path.exists(p) for p in ("/dev/ipmi0", "/dev/ipmi/0",
                                               "/dev/ipmidev/0")):
            node = self.first("ipmi")
            self.assertEqual(node["status"], "absent", node)
            self.assertIn("modprobe ipmi_devintf ipmi_si", node["fix"])
        node = self.first(self.lan(), env={"GREENBENCH_SYSROOT": str(
            gb.FIXTURES / "intel-2s-skx-dram" / "t0")})
        self.assertEqual(node["status"], "absent", node)


if __name__ == "__main__":
    gb.main()
