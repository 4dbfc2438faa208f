use std::path::{Path, PathBuf};

use base::getopt::Options;
use config::Config;

/// What no two instances may share. An empty name is none.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) directory: PathBuf,
    pub(super) name: String,
    pub(super) queue: String,
    pub(super) data: String,
}

impl Identity {
    /// Refuses a name or directory that another instance has.
    ///
    /// # Errors
    /// In postfix's words.
    pub(super) fn conflict(&self, other: &Identity) -> Result<(), String> {
        let (here, there) = (self.directory.display(), other.directory.display());
        let same = |what: &str, mine: &str, other: &str| match mine == other && !mine.is_empty() {
            true => Err(format!("instance {here}, {what}={mine} conflicts with instance {there}, {what}={other}")),
            false => Ok(()),
        };
        same("multi_instance_name", &self.name, &other.name)?;
        same("queue_directory", &self.queue, &other.queue)?;
        same("data_directory", &self.data, &other.data)
    }
}

/// One configuration directory and what it says of itself.
pub(super) struct Instance {
    pub(super) is: Identity,
    pub(super) conf: Config,
    pub(super) group: String,
    pub(super) enabled: bool,
}

impl Instance {
    /// # Errors
    /// The configuration cannot be read.
    pub(super) fn load(directory: &Path) -> Result<Instance, String> {
        let conf = Config::load(directory).map_err(|e| e.to_string())?;
        let is = Identity {
            directory: directory.to_owned(),
            name: conf.get(params::MULTI_INSTANCE_NAME),
            queue: conf.get(params::QUEUE_DIRECTORY),
            data: conf.get(params::DATA_DIRECTORY),
        };
        Ok(Instance { is, group: conf.get(params::MULTI_INSTANCE_GROUP), enabled: conf.get(params::MULTI_INSTANCE_ENABLE), conf })
    }
}

/// The primary instance, and those of its `multi_instance_directories` in their order.
///
/// # Errors
/// A configuration cannot be read.
pub(super) fn all(primary: &Path) -> Result<Vec<Instance>, String> {
    let mut primary = Instance::load(primary)?;
    let others = primary.conf.list(params::MULTI_INSTANCE_DIRECTORIES);
    // Debian's units and start script start by postmulti what is alone on its host, and has never heard of instances.
    primary.enabled |= others.is_empty();
    let mut instances = vec![primary];
    if let ([only], true) = (instances.as_mut_slice(), others.is_empty()) {
        // It is started by postfix(1) itself.
        only.enabled = true;
    }
    for directory in others {
        instances.push(Instance::load(Path::new(&directory)).map_err(|e| format!("multi_instance_directories: {e}"))?);
    }
    Ok(instances)
}

/// Which instances are meant.
pub(super) enum Selection {
    All,
    Group(String),
    One(String),
}

impl Selection {
    pub(super) fn of(options: &Options) -> Selection {
        match (options.value('g'), options.value('i')) {
            (Some(group), _) => Selection::Group(group.to_owned()),
            (None, Some(name)) => Selection::One(name.to_owned()),
            (None, None) => Selection::All,
        }
    }

    /// Picks from all instances, the primary first.
    pub(super) fn pick<'a>(&self, instances: &'a [Instance]) -> Vec<&'a Instance> {
        match self {
            Selection::All => instances.iter().collect(),
            Selection::Group(group) => instances.iter().filter(|i| i.group == *group).collect(),
            Selection::One(name) if name == "-" => instances.iter().take(1).collect(),
            Selection::One(name) => instances.iter().filter(|i| i.is.name == *name || i.is.directory == Path::new(name)).collect(),
        }
    }
}
