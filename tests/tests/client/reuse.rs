//! Sessions that serve more than one message.

use std::collections::BTreeMap;

use tests::{Instance, Server, Who, alone};

/// B89: a session that is kept serves its own transport alone, and mail that needs what the server does not offer comes back all the same.
#[test]
fn a_session_serves_one_transport() {
    if !alone("reuse::a_session_serves_one_transport") {
        return;
    }
    for who in [Who::Debian, Who::Ours] {
        let server = Server::tcp("127.0.0.1:11000", false, &[]);
        let waiting = "transport_maps = inline:{a.example=a:[127.0.0.1]:11000,b.example=b:[127.0.0.1]:11000}\na_destination_concurrency_limit = 1\nb_destination_concurrency_limit = 1\n";
        let master = "a unix - - n - - smtp -o smtp_helo_name=a.client.example\nb unix - - n - - smtp -o smtp_helo_name=b.client.example\n";
        let mut i = Instance::new(who, &format!("{waiting}defer_transports = a, b\n"), master);
        i.start();
        for n in 0..10 {
            for domain in ["a.example", "b.example"] {
                i.send("s@example.com", &[&format!("u{n}@{domain}")], "Subject: t\n\nx\n");
            }
        }
        i.wait_for_log("status=deferred", 20);
        i.hand_over(who, waiting, master).start();
        assert!(i.tool("postqueue", &["-f"]).status.success());
        i.wait_for_log("status=sent", 20);
        let mut s = i.smtp();
        s.greeting();
        for command in ["EHLO client.example.com", "MAIL FROM:<s\u{fc}@example.com> SMTPUTF8", "RCPT TO:<u@a.example>", "DATA", "Subject: t\r\n\r\nx\r\n."] {
            s.command(command);
        }
        i.wait_for_log("dsn=5.6.7, status=bounced (SMTPUTF8 is required, but was not offered by host ", 1);
        i.stop();
        let mut sessions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in server.heard_all() {
            let (number, said) = line.split_once(": ").expect("a numbered line");
            if said.starts_with("EHLO") || said.starts_with("RCPT") {
                sessions.entry(number.to_owned()).or_default().push(said.to_owned());
            }
        }
        let count = sessions.values().map(|s| s.len() - 1).sum::<usize>();
        assert_eq!(count, 20, "{who:?}: {sessions:?}");
        assert!(sessions.len() < 20, "{who:?}: no session is used again: {sessions:?}");
        for said in sessions.values() {
            let name = said[0].trim_start_matches("EHLO ").split('.').next().expect("a name");
            assert!(said[1..].iter().all(|to| to.ends_with(&format!("@{name}.example>"))), "{who:?}: {said:?}");
        }
    }
}
