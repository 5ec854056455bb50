"""temp"""

import json, os, sys, gc, signal, select
from time import perf_counter
from pathlib import Path
from emulation.alarm import *
from emulation.lane import Lane
from emulation.spec_json import link_from_json
from emulation.tun_device import open_tun


class Direction:
    def __init__(self, lane, src, dst):
        self.lane = lane
        self.src = src
        self.dst = dst

    def collect(self):
        read = os.read
        fd = self.src
        offer = self.lane.offer
        clock = perf_counter
        try:
            for _ in range(BURST):
                p = read(fd, 1504)
                offer(clock(), len(p), p)
        except BlockingIOError:
            pass

    def deliver(self, now):
        write = os.write
        fd = self.dst
        for p in self.lane.due(now):
            write(fd, p)


BURST = int(os.environ.get("BURST", "64"))


def main():
    order = json.loads(sys.stdin.readline())
    spec = link_from_json(order["link"])
    fds = [open_tun(Path(e["namespace"]), e["device"]) for e in order["ends"]]
    print("ready", flush=True)
    sys.stdin.readline()
    print(prefer_this_process() if not os.environ.get("NORT") else "", file=sys.stderr)
    gc.disable()
    t = perf_counter()
    up = Direction(Lane(spec.uplink, order["seed"], t), fds[0], fds[1])
    down = Direction(Lane(spec.downlink, order["seed"] + 1, t), fds[1], fds[0])
    alarm = Alarm([fds[0], fds[1], 0])
    n = 0
    sl = 0
    c0 = os.times()
    w0 = perf_counter()
    while True:
        now = perf_counter()
        up.deliver(now)
        down.deliver(now)
        a = up.lane.next_due_s()
        b = down.lane.next_due_s()
        due = b if a is None else a if b is None or a < b else b
        ready, _ = alarm.wait(due)
        n += 1
        for fd in ready:
            if fd == fds[0]:
                up.collect()
            elif fd == fds[1]:
                down.collect()
            else:
                c = os.times()
                w = perf_counter() - w0
                print(
                    "iterations",
                    n,
                    "cpu",
                    (c.user - c0.user + c.system - c0.system) / w,
                    "user",
                    (c.user - c0.user) / w,
                    "margin",
                    alarm._margin_s,
                    up.lane.counters(),
                    down.lane.counters(),
                    file=sys.stderr,
                )
                return


main()
