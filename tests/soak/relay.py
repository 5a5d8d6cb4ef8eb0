"""A TCP relay on loopback, whose far host can vanish without a word: nothing passes any more, and no packet is acknowledged."""

import ctypes
import selectors
import socket
import struct
import threading

from service import free_port

PART = 65536
# A packet filter of one instruction, "return 0": whatever comes is dropped, and not even acknowledged by the kernel.
SO_ATTACH_FILTER, NOTHING = 26, ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0))


class Relay:
    def __init__(self, target):
        self.target, self.port, self.ended = target, free_port(), threading.Event()
        self.pairs, self.silent, self.lock = [], [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=500)
        self.listener.settimeout(0.2)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.ended.is_set():
            try:
                near = self.listener.accept()[0]
            except TimeoutError:
                continue
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                near.close()
                continue
            pair = Pair(near, far)
            with self.lock:
                self.pairs.append(pair)
            threading.Thread(target=pair.pass_on, daemon=True).start()

    def vanish(self):
        """The host behind every open connection is gone; new connections reach another, which is the same database."""
        with self.lock:
            # Kept, so that they stay open.
            self.silent, self.pairs = self.silent + self.pairs, []
            for pair in self.silent:
                pair.vanish()

    def close(self):
        self.ended.set()
        self.listener.close()
        self.vanish()
        for pair in self.silent:
            pair.near.close()


class Pair:
    def __init__(self, near, far):
        self.near, self.far, self.gone = near, far, threading.Event()

    def pass_on(self):
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.near, selectors.EVENT_READ, self.far)
            waiting.register(self.far, selectors.EVENT_READ, self.near)
            while not self.gone.is_set():
                for ready, _ in waiting.select(timeout=0.2):
                    if self.gone.is_set():
                        break
                    try:
                        part = ready.fileobj.recv(PART)
                        if part:
                            ready.data.sendall(part)
                    except OSError:
                        part = b""
                    if not part:
                        self.far.close()
                        if not self.gone.is_set():
                            self.near.close()
                        return
        # The database sees that its client is gone; the service sees nothing, and gets nothing.
        self.far.close()

    def vanish(self):
        program = struct.pack("HL", 1, ctypes.addressof(NOTHING))
        try:
            self.near.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        except OSError:
            # It has just been closed.
            pass
        self.gone.set()
