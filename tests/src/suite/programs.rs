use std::path::PathBuf;

/// A test program, as cargo has made it.
#[derive(Debug, PartialEq, Eq)]
pub struct Program {
    /// `PACKAGE` for the unit tests of a library, `PACKAGE/NAME` for those of a program, `NAME` for a whole-system suite.
    pub name: String,
    /// Each test wants a process of its own.
    pub is_system: bool,
    /// The directory of its package, where its tests run.
    pub directory: PathBuf,
    /// The file to run.
    pub executable: PathBuf,
}

/// The test programs in cargo's messages, one JSON object a line. Cargo writes them without spaces, and our names and paths need no escapes.
pub fn programs(messages: &str) -> Vec<Program> {
    messages.lines().filter(|l| l.contains("\"reason\":\"compiler-artifact\"") && l.contains(IS_TEST)).filter_map(program).collect()
}

fn program(message: &str) -> Option<Program> {
    let executable = PathBuf::from(value(message, "\"executable\":\"")?);
    let directory = PathBuf::from(value(message, "\"manifest_path\":\"")?).parent()?.to_owned();
    let package = directory.file_name()?.to_str()?.to_owned();
    let (_, target) = message.split_once("\"target\":{")?;
    let (kind, target) = (value(target, "\"kind\":[\"")?, value(target, "\"name\":\"")?);
    let is_system = kind == "test";
    let name = match kind {
        "test" => target.to_owned(),
        "lib" => package,
        _ => format!("{package}/{target}"),
    };
    Some(Program { name, is_system, directory, executable })
}

/// What the profile says of a test program; the target says the same of every library that could be tested.
const IS_TEST: &str = "\"test\":true},\"features\"";

fn value<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBRARY: &str = r#"{"reason":"compiler-artifact","package_id":"x","manifest_path":"/p/crates/base/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"base","src_path":"/p/crates/base/src/lib.rs","edition":"2024","test":true},"profile":{"opt_level":"0","debug_assertions":true,"test":true},"features":[],"filenames":["/t/base-1"],"executable":"/t/base-1","fresh":true}"#;

    #[test]
    fn what_cargo_says() {
        let suite = LIBRARY.replace("[\"lib\"],\"crate", "[\"test\"],\"crate").replace("\"name\":\"base\"", "\"name\":\"queue\"");
        let program = LIBRARY.replace("[\"lib\"],\"crate", "[\"bin\"],\"crate").replace("\"name\":\"base\"", "\"name\":\"tool\"");
        let no_test = LIBRARY.replace("true,\"test\":true", "true,\"test\":false");
        let found = programs(&[LIBRARY, &suite, &program, &no_test, "{\"reason\":\"build-finished\"}"].join("\n"));
        let names: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.is_system)).collect();
        assert_eq!(names, [("base", false), ("queue", true), ("base/tool", false)]);
        assert_eq!(found[0].directory, PathBuf::from("/p/crates/base"));
        assert_eq!(found[0].executable, PathBuf::from("/t/base-1"));
    }
}
