use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A client that sends what it is told and reads whole replies.
pub struct Smtp {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Smtp {
    /// Connects to a loopback port.
    pub fn connect(port: u16) -> std::io::Result<Smtp> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Smtp { reader: BufReader::new(stream.try_clone()?), stream })
    }

    /// Reads the greeting.
    pub fn greeting(&mut self) -> String {
        self.reply()
    }

    /// Sends a line and reads the reply, without its last line end. Empty when the server has closed.
    pub fn command(&mut self, line: &str) -> String {
        self.send(&format!("{line}\r\n"));
        self.reply()
    }

    /// Sends text as it is.
    pub fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes());
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Reads one reply of one or more lines.
    pub fn reply(&mut self) -> String {
        let mut out = String::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap_or(0) == 0 {
                return out.trim_end().to_owned();
            }
            let more = line.as_bytes().get(3) == Some(&b'-');
            out.push_str(&line);
            if !more {
                return out.trim_end().replace("\r\n", "\n");
            }
        }
    }

    /// Everything until the server closes.
    pub fn rest(&mut self) -> String {
        let mut out = String::new();
        loop {
            let reply = self.reply();
            if reply.is_empty() {
                return out;
            }
            out.push_str(&reply);
            out.push('\n');
        }
    }
}
