use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a reply is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client that sends what it is told and reads whole replies.
pub struct Smtp {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Smtp {
    /// Connects to a loopback port.
    pub fn connect(port: u16) -> std::io::Result<Smtp> {
        Smtp::over(TcpStream::connect(("127.0.0.1", port))?)
    }

    fn over(stream: TcpStream) -> std::io::Result<Smtp> {
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Smtp { reader: BufReader::new(stream.try_clone()?), stream })
    }

    /// Connects from one address of this host to another one.
    pub fn connect_from(from: IpAddr, to: SocketAddr) -> std::io::Result<Smtp> {
        let stream = sys::tcp_connect(to, Some(from), Some(PATIENCE)).map_err(|e| std::io::Error::other(format!("{e:?}")))?;
        Smtp::over(stream)
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
