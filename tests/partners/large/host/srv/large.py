#!/usr/bin/python3
"""A big message, in and out: large.py make SIZE FILE; large.py data|chunks FILE [SIZE]; large.py sink; large.py same ORIGINAL COPY..."""
import hashlib
import os
import smtplib
import socket
import sys

TO = ["alice@example.com", "joe@boxes.example", "u@piped.example", "friend@far.example"]


def make(size, name):
    lines, length, n = [b"Subject: big\nMessage-Id: <big@example.com>\n"], 0, 0
    while length < size:
        n += 1
        line = [b".%d", b"..%d", b"plain %d " + b"x" * 60, b"\tgr\xc3\xbc\xc3\x9fe %d", b"", b"%d" + b"y" * 900][n % 6]
        lines.append((line % n if b"%" in line else line) + b"\n")
        length += len(lines[-1])
    lines.insert(1, b"\n")
    open(name, "wb").write(b"".join(lines))


def send(how, name, size):
    content = open(name, "rb").read().replace(b"\n", b"\r\n")
    with smtplib.SMTP("127.0.0.1", 25, local_hostname="client.example.com") as s:
        s.ehlo()
        reply = s.docmd("MAIL FROM:<me@example.com> BODY=8BITMIME" + size)
        print(reply)
        if reply[0] != 250:
            return
        for to in TO:
            print(s.docmd("RCPT TO:<%s>" % to))
        if how == "data":
            print(s.docmd("DATA"))
            s.send((b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
            print(s.getreply())
            return
        step = 1000003
        for at in range(0, len(content), step):
            chunk = content[at:at + step]
            last = at + step >= len(content)
            s.send(b"BDAT %d%s\r\n" % (len(chunk), b" LAST" if last else b"") + chunk)
            reply = s.getreply()
            if last or reply[0] != 250:
                print(reply)
                return


def sink():
    listener = socket.create_server(("127.0.0.1", 2526))
    child = os.fork()
    if child:
        open("/srv/pid", "w").write(str(child))
        return
    count = 0
    while True:
        stream = listener.accept()[0].makefile("rwb")
        say = lambda text: (stream.write(text + b"\r\n"), stream.flush())
        say(b"220 far.example")
        for line in stream:
            verb = line[:4].upper()
            say({b"EHLO": b"250-far.example\r\n250-8BITMIME\r\n250 SIZE", b"DATA": b"354 go on", b"QUIT": b"221 bye"}.get(verb, b"250 2.0.0 Ok"))
            if verb == b"QUIT":
                break
            if verb == b"DATA":
                text = []
                for line in stream:
                    if line == b".\r\n":
                        break
                    text.append((line[1:] if line.startswith(b".") else line).replace(b"\r\n", b"\n"))
                count += 1
                open("/srv/out/far.%d" % count, "wb").write(b"".join(text))
                say(b"250 2.0.0 Ok")


def same(original, *copies):
    body = lambda text: text.split(b"\n\n", 1)[1].rstrip(b"\n")
    want = hashlib.sha256(body(open(original, "rb").read())).hexdigest()
    for name in copies:
        text = open(name, "rb").read()
        print(hashlib.sha256(body(text)).hexdigest() == want)


if sys.argv[1] == "make":
    make(int(sys.argv[2]), sys.argv[3])
elif sys.argv[1] == "sink":
    sink()
elif sys.argv[1] == "same":
    same(*sys.argv[2:])
else:
    send(sys.argv[1], sys.argv[2], "".join(sys.argv[3:]))
