"""Sends mail by every way of smtplib, and says what came of it."""
import smtplib
from email.message import EmailMessage

PEOPLE = ["alice@example.com", "nosuch@example.com", "bob@example.com", "bad address@", "friend@other.example"]


def message(subject, to, text, **headers):
    m = EmailMessage()
    m["Subject"], m["From"], m["To"] = subject, "Alice <alice@example.com>", to
    m["Message-Id"] = "<%d@client.example.net>" % message.count
    message.count += 1
    for name, value in headers.items():
        m[name.replace("_", "-")] = value
    m.set_content(text)
    return m


message.count = 1


def told(what, work):
    try:
        print(what, work())
    except smtplib.SMTPException as e:
        print(what, type(e).__name__, e)


with smtplib.SMTP("127.0.0.1", 25, local_hostname="client.example.net") as s:
    told("plain", lambda: s.send_message(message("plain", "bob@example.com", "a\n.b\n..\nFrom c\n")))
    print(sorted(s.esmtp_features.items()))
    told("headers", lambda: s.send_message(message("grüße", "Jörg <bob@example.com>", "größe\n" + "ü" * 600 + "\n")))
    wide = message("utf8", "bob@example.com", "text\n")
    del wide["To"]
    wide["To"] = "jörg@example.com"
    told("smtputf8", lambda: s.send_message(wide, to_addrs=["jörg@example.com", "bob@example.com"]))
    told("some refused", lambda: s.sendmail("alice@example.com", PEOPLE, "Subject: some\n\nx\n"))
    told("all refused", lambda: s.sendmail("alice@example.com", ["nosuch@example.com", "nobody2@example.com"], "Subject: none\n\nx\n"))
    told("dsn", lambda: s.sendmail("alice@example.com", ["bob@example.com"], "Subject: dsn\n\nx\n",
                                   ["RET=HDRS", "ENVID=a+2Bb", "BODY=8BITMIME"], ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;b+2Bx@example.com"]))
    told("bad option", lambda: s.sendmail("alice@example.com", ["bob@example.com"], "Subject: x\n\nx\n", ["RET=SOME"]))
    told("bad recipient option", lambda: s.sendmail("alice@example.com", ["bob@example.com"], "Subject: x\n\nx\n", [], ["NOTIFY=NEVER,SUCCESS"]))
    told("bad sender", lambda: s.sendmail("alice@@example.com x", ["bob@example.com"], "Subject: x\n\nx\n"))
    told("too big", lambda: s.sendmail("alice@example.com", ["bob@example.com"], "Subject: x\n\nx\n", ["SIZE=99999999999"]))
    attached = message("attached", "bob@example.com", "text\n")
    attached.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="b.bin")
    attached.add_attachment("grüße\n", filename="größe.txt")
    attached.set_boundary("a boundary")
    told("attached", lambda: s.send_message(attached, mail_options=["BODY=8BITMIME"]))
    told("verify", lambda: s.verify("bob@example.com"))
    told("verify nobody", lambda: s.verify("nosuch@example.com"))
    told("expand", lambda: s.expn("team"))
    told("help", lambda: s.docmd("NOOP", "hello"))
    told("reset", lambda: s.rset())
    told("null sender", lambda: s.sendmail("", ["bob@example.com"], "Subject: null\n\nx\n"))
    s.mail("alice@example.com")
    s.rcpt("bob@example.com")
    for chunk in [b"BDAT 17\r\nSubject: chunks\r\n", b"BDAT 8 LAST\r\n\r\n.\r\nb\r\n"]:
        s.send(chunk)
        told("chunk", s.getreply)
print("all sent")
