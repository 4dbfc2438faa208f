"""A table server of two protocols: tcp_table(5) on port 2400, socketmap_table(5) on port 2401."""
import socketserver, threading, urllib.parse

TABLE = {b"joe@one.example": b"joe", b"joe": b"just joe", b"per%cent@one.example": b"per cent %", b"temp@one.example": None}


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            key = urllib.parse.unquote_to_bytes(line.strip().split(b" ", 1)[1])
            value = TABLE.get(key, b"")
            reply = b"400 try%20later" if value is None else b"500 not%20found" if value == b"" else b"200 " + urllib.parse.quote_from_bytes(value).encode()
            self.wfile.write(reply + b"\n")


class Socketmap(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            length = b""
            while not length.endswith(b":"):
                c = self.rfile.read(1)
                if not c:
                    return
                length += c
            name, key = self.rfile.read(int(length[:-1])).split(b" ", 1)
            self.rfile.read(1)
            value = TABLE.get(key, b"")
            reply = b"TEMP later" if value is None else b"NOTFOUND " if value == b"" else b"OK " + name + b" " + value
            if name == b"perm":
                reply = b"PERM no"
            self.wfile.write(b"%d:%s," % (len(reply), reply))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


for port, handler in ((2400, Tcp), (2401, Socketmap)):
    threading.Thread(target=Server(("127.0.0.1", port), handler).serve_forever).start()
