//! Commands on their way to a server.

use base::{Line, Word};

/// An address as it stands between `<` and `>` (RFC 5321 4.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Line<'static>);

impl Path {
    /// The path of an address in internal form. `quote`: as the standard wants it; else as it is. A control character becomes a blank, as rewriting makes one.
    pub fn new(address: &str, quote: bool) -> Path {
        // Before quoting: the blank is what has to be quoted.
        let blanked = base::blanked(address.into());
        Path(Line::from(if quote { address::quote(&blanked) } else { blanked }.into_owned()))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// One command: words of ours, and values that cannot end it.
#[derive(Clone, Debug)]
pub struct Command(Vec<u8>);

impl Command {
    /// A command that begins with these words.
    pub fn new(words: &'static str) -> Command {
        Command(words.as_bytes().to_vec())
    }

    /// A whole command that stands in a line already.
    pub fn line(line: &Line<'_>) -> Command {
        Command(line.as_bytes().to_vec())
    }

    /// Appends a word of ours.
    #[must_use]
    pub fn keyword(self, word: &'static str) -> Command {
        self.bytes(b" ").bytes(word.as_bytes())
    }

    /// Appends an argument.
    #[must_use]
    pub fn argument(self, argument: &Line<'_>) -> Command {
        self.bytes(b" ").bytes(argument.as_bytes())
    }

    /// Appends `NAME:<path>`.
    #[must_use]
    pub fn path(self, name: &'static str, path: &Path) -> Command {
        self.keyword(name).bytes(b":<").bytes(path.as_bytes()).bytes(b">")
    }

    /// Appends `NAME=value`.
    #[must_use]
    pub fn parameter(self, name: &'static str, value: &Word) -> Command {
        self.keyword(name).bytes(b"=").bytes(value.as_bytes())
    }

    /// What it is without its line end.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn bytes(mut self, bytes: &[u8]) -> Command {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// Commands that travel together, each with its line end.
#[derive(Clone, Debug, Default)]
pub struct Commands(Vec<u8>);

impl Commands {
    /// Appends one.
    pub fn push(&mut self, command: &Command) {
        self.0.extend_from_slice(&command.0);
        self.0.extend_from_slice(b"\r\n");
    }

    /// What goes out.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Command> for Commands {
    fn from(command: Command) -> Commands {
        let mut commands = Commands::default();
        commands.push(&command);
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::dice::Dice;

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn an_address_stays_one_argument() {
        for (address, want) in [
            ("odd user@example.com", "\"odd user\"@example.com"),
            ("foo@a.example> ORCPT=rfc822;x@remote.example", "\"foo@a.example> ORCPT=rfc822;x\"@remote.example"),
            ("a\"b\\c@example.com", "\"a\\\"b\\\\c\"@example.com"),
            (".dot.@example.com", "\".dot.\"@example.com"),
            ("plain.one+x@example.com", "plain.one+x@example.com"),
            ("jö@example.com", "jö@example.com"),
            ("a\r\nRCPT TO:<x>@example.com", "\"a  RCPT TO:<x>\"@example.com"),
            ("r\rRCPT@example.com", "\"r RCPT\"@example.com"),
            ("r@exam\rple.com", "r@exam ple.com"),
            ("", ""),
        ] {
            assert_eq!(text(Path::new(address, true).as_bytes()), want);
        }
        assert_eq!(text(Path::new("odd\ruser@example.com", false).as_bytes()), "odd user@example.com");
    }

    #[test]
    fn whatever_is_in_it_a_command_is_one_line() {
        let pieces = ["\r\n", "\r", "\n", "\0", "\x01", "\x7f", ">", "<", "\"", "\\", " ", "@", "x", "\u{e9}", ";", "RSET", ".\r\n"];
        let mut dice = Dice::new(22);
        for _ in 0..2000 {
            let (value, quote) = (dice.text(&pieces, 12), dice.chance(50));
            let command = Command::new("RCPT").path("TO", &Path::new(&value, quote)).parameter("ORCPT", &Word::orcpt(&value));
            let wire = Commands::from(command.argument(&Line::from(value)));
            let (last, inside) = wire.as_bytes().split_at(wire.as_bytes().len() - 2);
            assert_eq!(inside, b"\r\n");
            assert!(!last.iter().any(u8::is_ascii_control), "{}", wire.as_bytes().escape_ascii());
        }
    }
}
