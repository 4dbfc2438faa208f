//! Instances made, taken in, changed and removed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use base::getopt::Options;
use config::Config;
use sys::NewFile;

use super::instance::{Identity, Instance, Selection};
use super::remove;
use crate::queue_tool::errno;

/// What -e asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Destroy,
    Import,
    Deport,
    Enable,
    Disable,
    Assign,
    Init,
}

impl Action {
    const ALL: [(&'static str, Action); 8] = [
        ("create", Action::Create),
        ("destroy", Action::Destroy),
        ("import", Action::Import),
        ("deport", Action::Deport),
        ("enable", Action::Enable),
        ("disable", Action::Disable),
        ("assign", Action::Assign),
        ("init", Action::Init),
    ];
    pub(super) const WORDS: &[&str] = &["create", "destroy", "import", "deport", "enable", "disable", "assign", "init"];

    pub(super) fn parse(word: &str) -> Result<Action, String> {
        Action::ALL.iter().find(|(w, _)| *w == word).map(|(_, a)| *a).ok_or_else(|| {
            format!("Invalid '-e' edit action '{word}'. Specify 'create', 'destroy', 'import', 'deport', 'enable', 'disable', 'assign' or 'init'")
        })
    }

    pub(super) fn word(self) -> &'static str {
        Action::ALL.iter().find(|(_, a)| *a == self).map_or("", |(w, _)| w)
    }

    /// Acts on one instance that is there.
    pub(super) fn names_one(self) -> bool {
        !matches!(self, Action::Create | Action::Import | Action::Init)
    }

    /// May give a name and a group.
    pub(super) fn assigns(self) -> bool {
        matches!(self, Action::Create | Action::Import | Action::Assign)
    }

    /// Reads `name=value` words.
    pub(super) fn takes_settings(self) -> bool {
        matches!(self, Action::Create | Action::Import)
    }

    /// The directories that may be given.
    fn settings(self) -> &'static [&'static str] {
        if self == Action::Create { &["config_directory", "queue_directory", "data_directory"] } else { &["config_directory"] }
    }
}

/// What the new or changed instance is to be.
pub(super) struct Wish {
    /// `Some("")`: no name.
    name: Option<String>,
    group: Option<String>,
    first: bool,
    settings: Vec<String>,
}

impl Wish {
    pub(super) fn of(options: &Options) -> Wish {
        let named = |letter| options.value(letter).map(|v| if v == "-" { String::new() } else { v.to_owned() });
        Wish { name: named('I'), group: named('G'), first: options.has('a'), settings: options.rest.clone() }
    }

    /// `multi_instance_name` and `multi_instance_group`, as far as they are wished for.
    fn assignments(&self) -> Vec<String> {
        let set = |name: &str, value: &Option<String>| value.as_ref().map(|v| format!("{name}={v}"));
        [set("multi_instance_name", &self.name), set("multi_instance_group", &self.group)].into_iter().flatten().collect()
    }
}

/// Does what -e asks for.
pub(super) fn change(instances: &[Instance], selection: &Selection, action: Action, wish: &Wish) -> Result<ExitCode, String> {
    let primary = &instances[0];
    if action == Action::Init {
        postconf(
            primary,
            &primary.is.directory,
            "-e",
            &["multi_instance_wrapper=${command_directory}/postmulti -p --".into(), "multi_instance_enable=yes".into()],
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let one = || one(instances, selection);
    match action {
        Action::Enable => postconf(primary, &one()?.is.directory, "-e", &["multi_instance_enable=yes".into()])?,
        Action::Disable => postconf(primary, &one()?.is.directory, "-e", &["multi_instance_enable=no".into()])?,
        Action::Assign => assign(instances, one()?, wish)?,
        Action::Create => create(instances, selection, wish)?,
        Action::Import => import(instances, selection, &new_directory(primary, Action::Import, wish, "config_directory")?, wish)?,
        Action::Deport | Action::Destroy => leave(instances, one()?, action)?,
        Action::Init => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn one<'a>(instances: &'a [Instance], selection: &Selection) -> Result<&'a Instance, String> {
    let Selection::One(name) = selection else { return Err("Select an instance via '-i name'".into()) };
    selection.pick(instances).first().copied().ok_or_else(|| format!("No instance named {name}"))
}

/// What has to be so before the set of instances is changed.
fn is_initialized(primary: &Instance) -> Result<(), String> {
    if primary.conf.get(params::MULTI_INSTANCE_WRAPPER).is_empty() {
        return Err("multi_instance_wrapper is empty, run 'postmulti -e init' first.".into());
    }
    if !primary.conf.get(params::MULTI_INSTANCE_ENABLE) {
        return Err("multi_instance_enable!=yes, run 'postmulti -e init' first.".into());
    }
    Ok(())
}

fn assign(instances: &[Instance], instance: &Instance, wish: &Wish) -> Result<(), String> {
    let mut is = instance.is.clone();
    is.name = wish.name.clone().unwrap_or(is.name);
    no_conflict(instances, &is)?;
    is_initialized(&instances[0])?;
    postconf(&instances[0], &is.directory, "-e", &wish.assignments())
}

fn no_conflict(instances: &[Instance], is: &Identity) -> Result<(), String> {
    instances.iter().filter(|i| i.is.directory != is.directory).try_for_each(|i| is.conflict(&i.is))
}

/// A directory of the new instance: as given, or the primary's with the name in place of its last part.
fn new_directory(primary: &Instance, action: Action, wish: &Wish, parameter: &str) -> Result<PathBuf, String> {
    let mut given = None;
    for setting in &wish.settings {
        let (name, value) = setting.split_once('=').ok_or_else(|| format!("Malformed parameter setting '{setting}'"))?;
        if !action.settings().contains(&name) {
            return Err(format!("Parameter '{name}' not valid with action {}", action.word()));
        }
        if !value.starts_with('/') {
            return Err(format!("Parameter setting '{name}' is not an absolute path"));
        }
        if name == parameter {
            given = Some(PathBuf::from(value));
        }
    }
    let of_primary = match parameter {
        "config_directory" => primary.is.directory.clone(),
        "queue_directory" => PathBuf::from(&primary.is.queue),
        _ => PathBuf::from(&primary.is.data),
    };
    let by_name = || wish.name.as_ref().filter(|n| !n.is_empty()).map(|name| of_primary.with_file_name(name));
    given.or_else(by_name).ok_or_else(|| format!("Missing {parameter} parameter value"))
}

fn create(instances: &[Instance], selection: &Selection, wish: &Wish) -> Result<(), String> {
    let primary = &instances[0];
    let path = |parameter| new_directory(primary, Action::Create, wish, parameter);
    let directory = path("config_directory")?;
    match (directory.join("main.cf").exists(), directory.join("master.cf").exists()) {
        (true, true) => return import(instances, selection, &directory, wish),
        (false, false) => {}
        _ => return Err(format!("{}: one of main.cf and master.cf is there, the other is not: move it away, or complete them", directory.display())),
    }
    let text = |p: PathBuf| p.to_string_lossy().into_owned();
    let is = Identity { directory, name: wish.name.clone().unwrap_or_default(), queue: text(path("queue_directory")?), data: text(path("data_directory")?) };
    no_conflict(instances, &is)?;
    let place = place(instances, selection, wish)?;
    is_initialized(primary)?;
    write_stock(primary, &is)?;
    let (shared, unset) = shared_settings(&primary.conf);
    postconf(primary, &is.directory, "-#", &unset)?;
    let mut settings = shared;
    settings.extend([format!("queue_directory={}", is.queue), format!("data_directory={}", is.data)]);
    // Nothing comes in before the administrator has looked at it.
    settings.extend(["authorized_submit_users=".to_owned(), "master_service_disable=inet".to_owned()]);
    settings.extend(wish.assignments());
    postconf(primary, &is.directory, "-e", &settings)?;
    let command_directory: String = primary.conf.get(params::COMMAND_DIRECTORY);
    run(Command::new(Path::new(&command_directory).join("postfix")).arg("-c").arg(&is.directory).arg("check"))?;
    enlist(instances, &is.directory, place)
}

fn import(instances: &[Instance], selection: &Selection, directory: &Path, wish: &Wish) -> Result<(), String> {
    let in_use = instances.iter().find(|i| i.is.directory == directory);
    if let Some(other) = in_use {
        let (new, there) = (directory.display(), other.is.directory.display());
        return Err(format!("new config_directory={new} is already in use by instance {there}, config_directory={there}"));
    }
    let mut is = Instance::load(directory)?.is;
    is.name = wish.name.clone().unwrap_or(is.name);
    no_conflict(instances, &is)?;
    let place = place(instances, selection, wish)?;
    is_initialized(&instances[0])?;
    let assignments = wish.assignments();
    if !assignments.is_empty() {
        postconf(&instances[0], directory, "-e", &assignments)?;
    }
    enlist(instances, directory, place)
}

/// Where the new one goes among those that are not primary.
fn place(instances: &[Instance], selection: &Selection, wish: &Wish) -> Result<usize, String> {
    if wish.first {
        return Ok(0);
    }
    let before = match selection {
        Selection::All => return Ok(instances.len() - 1),
        _ => selection.pick(instances),
    };
    let secondary = |i: &Instance| before.iter().any(|b| std::ptr::eq(*b, i));
    instances[1..].iter().position(secondary).ok_or_else(|| "No matching secondary instances".into())
}

fn enlist(instances: &[Instance], directory: &Path, place: usize) -> Result<(), String> {
    let mut directories: Vec<String> = instances[1..].iter().map(|i| i.is.directory.to_string_lossy().into_owned()).collect();
    directories.insert(place, directory.to_string_lossy().into_owned());
    postconf(&instances[0], &instances[0].is.directory, "-e", &[format!("multi_instance_directories={}", directories.join(" "))])
}

/// The stock files: the distribution's, or ours.
fn write_stock(primary: &Instance, is: &Identity) -> Result<(), String> {
    let fault = |path: &Path, e: std::io::Error| format!("{}: {}", path.display(), errno(&e));
    std::fs::create_dir_all(&is.directory).map_err(|e| fault(&is.directory, e))?;
    let meta: String = primary.conf.get(params::META_DIRECTORY);
    for (name, ours) in [("main.cf", include_str!("../../../etc/main.cf")), ("master.cf", include_str!("../../../etc/master.cf"))] {
        let text = std::fs::read_to_string(Path::new(&meta).join(format!("{name}.proto"))).unwrap_or_else(|_| ours.to_owned());
        let path = is.directory.join(name);
        let made = NewFile::create(&is.directory.join(format!("{name}.tmp")), 0o644);
        made.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.replace(&path))).map_err(|e| fault(&path, e))?;
    }
    Ok(())
}

/// Where the programs and documents are is the same for all instances. Gives what the primary says, and the names of which it says nothing.
fn shared_settings(primary: &Config) -> (Vec<String>, Vec<String>) {
    const SHARED: [&str; 13] = [
        "command_directory",
        "daemon_directory",
        "meta_directory",
        "mail_owner",
        "setgid_group",
        "sendmail_path",
        "newaliases_path",
        "mailq_path",
        "manpage_directory",
        "html_directory",
        "readme_directory",
        "sample_directory",
        "shlib_directory",
    ];
    let (set, unset): (Vec<&str>, Vec<&str>) = SHARED.iter().partition(|name| primary.explicit(name).is_some());
    let setting = |name: &str| format!("{name}={}", primary.explicit(name).unwrap_or_default());
    (set.into_iter().map(setting).collect(), unset.into_iter().map(str::to_owned).collect())
}

/// Deport and destroy.
fn leave(instances: &[Instance], instance: &Instance, action: Action) -> Result<(), String> {
    let primary = &instances[0];
    if std::ptr::eq(instance, primary) {
        return Err("Cannot remove the primary instance".into());
    }
    if instance.enabled {
        return Err("Cannot remove enabled instances".into());
    }
    is_initialized(primary)?;
    let here = instance.is.directory.display();
    if !matches!(sys::lock_holder(&Path::new(&instance.is.queue).join("pid/master.pid")), Ok(None)) {
        return Err(format!("Instance '{here}' is not stopped"));
    }
    if action == Action::Destroy && remove::has_mail(Path::new(&instance.is.queue)) {
        return Err(format!("Instance '{here}' has mail in its queue"));
    }
    let without = |list: Vec<String>| -> String { list.into_iter().filter(|d| Path::new(d) != instance.is.directory).collect::<Vec<_>>().join(" ") };
    let mut settings = vec![format!("multi_instance_directories={}", without(primary.conf.list(params::MULTI_INSTANCE_DIRECTORIES)))];
    let alternate = primary.conf.list(params::ALTERNATE_CONFIG_DIRECTORIES);
    if alternate.iter().any(|d| Path::new(d) == instance.is.directory) {
        settings.push(format!("alternate_config_directories={}", without(alternate)));
    }
    if action == Action::Destroy {
        remove::files(&instance.is);
    }
    postconf(primary, &primary.is.directory, "-e", &settings)
}

/// postconf(1) edits, as it does for everybody.
fn postconf(primary: &Instance, directory: &Path, how: &str, words: &[String]) -> Result<(), String> {
    let command_directory: String = primary.conf.get(params::COMMAND_DIRECTORY);
    run(Command::new(Path::new(&command_directory).join("postconf")).arg("-c").arg(directory).arg(how).args(words))
}

fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.env_remove("MAIL_CONFIG").status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program}: {status}")),
        Err(e) => Err(format!("{program}: {}", errno(&e))),
    }
}
