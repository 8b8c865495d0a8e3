# SPDX-License-Identifier: Apache-2.0
"""A power analyser behind a daemon that speaks like SPEC's PTDaemon, for tests:
it also misbehaves. What it says is what public clients of the real one expect
(MLCommons' power-dev); it was never compared with the real one."""
import socket
import threading
import time


class Ptd:
    """`with Ptd(watts=230.0) as ptd:` serves on 127.0.0.1:ptd.port.

    fault: None, or one of
      late     answers come after 10 s        garbage  answers with bytes
      closes   hangs up at each RL            stranger another service
      busy     Go is refused                  unit     samples are in kW
      negative samples are -1                 silent   there are no samples
    """

    def __init__(self, watts=230.0, fault=None):
        self.watts, self.fault = watts, fault
        self.commands = []
        self.stop = threading.Event()
        self.links = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.hang_up()
        self.thread.join()

    def hang_up(self):
        """Every client loses its connection, and may come back."""
        for link in self.links:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        while not self.stop.is_set():
            try:
                link, _ = self.socket.accept()
            except OSError:
                return
            self.links.append(link)
            threading.Thread(target=self.serve, args=(link,),
                             daemon=True).start()

    def serve(self, link):
        began, interval_s, given = None, 1.0, 0
        try:
            with link, link.makefile("r", encoding="ascii") as lines:
                for line in lines:
                    command, *rest = line.strip().split(",")
                    self.commands.append(command)
                    if command == "Go":
                        began, given = time.monotonic(), 0
                        interval_s = float(rest[0]) / 1000
                    samples = 0
                    if began is not None:
                        taken = int((time.monotonic() - began) / interval_s)
                        samples, given = taken - given, taken
                    answer = self.answer(command, samples)
                    if answer is None:
                        return
                    link.sendall(answer.encode())
        except OSError:
            pass

    def answer(self, command, samples):
        """What it says, or None: it hangs up."""
        if self.fault == "late":
            self.stop.wait(10)
        if self.fault == "garbage":
            return "\x01\x02\x03" * 4000
        if self.fault == "stranger":
            return "220 mail.example.org ESMTP\r\n"
        if command == "Hello":
            return "Hello, PTDaemon here!\r\n"
        if command == "Identify":
            return ("Stand-in WT310,0,0,0,0,0,0,0,1,version=0.0,"
                    "OS=Linux,mode=power\r\n")
        if command == "Go":
            if self.fault == "busy":
                return "Error: measurement already in progress\r\n"
            return "Starting untimed measurement\r\n"
        if command == "Stop":
            return "Stopping untimed measurement\r\n"
        if command != "RL":
            return "Error: unknown command\r\n"
        if self.fault == "closes":
            return None
        if self.fault == "silent":
            samples = 0
        text = {"negative": "Watts,-1.000000", "unit": "kW,0.230000"}.get(
            self.fault, f"Watts,{self.watts:.6f}")
        return f"Last {samples} samples\r\n" + (
            f"Time,11-27-2026 05:00:00.000,{text},Volts,230.1,Amps,1.0,"
            "PF,0.99,Mark,greenbench\r\n") * samples
