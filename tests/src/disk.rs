use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A file system on a device of its own, whose power can be cut: what was not synced is in the kernel's memory alone.
///
/// The device is a file. The journal commits nothing by itself within minutes (XFS: half a one), so a copy of the file is what a host would find after
/// it lost power at that moment. Only for a test that is [`crate::alone()`]: its mounts end with it.
pub struct Disk {
    image: PathBuf,
    at: PathBuf,
}

/// A kind of file system: the size of the device, options of mkfs, of the first mount, and of a copy's, which has the same identity.
struct Kind {
    name: &'static str,
    size: u64,
    mkfs: &'static [&'static str],
    options: &'static str,
    copy: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind { name: "ext4", size: 160 << 20, mkfs: &["-q", "-F", "-b", "4096", "-J", "size=4"], options: "loop,commit=300", copy: "loop" },
    Kind { name: "xfs", size: 320 << 20, mkfs: &["-q", "-f"], options: "loop", copy: "loop,nouuid" },
    Kind { name: "btrfs", size: 320 << 20, mkfs: &["-q", "-f"], options: "loop,commit=300", copy: "loop" },
];

/// `POSTRIDER_POWER_FS`, or ext4.
fn kind() -> &'static Kind {
    let wanted = std::env::var("POSTRIDER_POWER_FS").unwrap_or_default();
    KINDS.iter().find(|k| k.name == wanted).unwrap_or(&KINDS[0])
}

/// A file system as it is found after the power came back.
pub struct Remains {
    at: PathBuf,
}

impl Disk {
    /// Whether this machine has loop devices and can make such a file system.
    pub fn is_possible() -> bool {
        let (image, at) = (place("probe"), place("probe-at"));
        let possible = format(&image) && std::fs::create_dir_all(&at).is_ok() && mount(&image, &at);
        let _ = Command::new("umount").arg(&at).status();
        let _ = std::fs::remove_file(&image);
        possible
    }

    /// Covers a directory with a new file system. Owner and mode stay.
    pub fn cover(directory: &Path) -> Disk {
        let disk = Disk { image: place("disk"), at: directory.to_owned() };
        assert!(format(&disk.image), "make a file system");
        let mount_new = "touch \"$1.like\" && chown --reference=\"$2\" \"$1.like\" && chmod --reference=\"$2\" \"$1.like\" && mount -o \"$3\" \"$1\" \"$2\" && \
                         chown --reference=\"$1.like\" \"$2\" && chmod --reference=\"$1.like\" \"$2\" && rm -rf \"$2/lost+found\" && sync -f \"$2\"";
        let done = Command::new("sh").args(["-c", mount_new, "sh"]).arg(&disk.image).arg(directory).arg(kind().options).status();
        assert!(done.is_ok_and(|s| s.success()), "mount a file system on {}", directory.display());
        disk
    }

    /// What would be left if the power failed now.
    pub fn cut(&self) -> Remains {
        let (image, at) = (place("copy"), place("copy-at"));
        std::fs::create_dir_all(&at).expect("make a directory");
        let copied = Command::new("cp").arg("--sparse=always").args([&self.image, &image]).status();
        assert!(copied.is_ok_and(|s| s.success()) && mount(&image, &at), "mount what is left");
        // The device holds it open.
        let _ = std::fs::remove_file(&image);
        Remains { at }
    }
}

impl Remains {
    /// The root of what is left.
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Puts what is left in the place of a directory, until the test ends.
    pub fn cover(self, directory: &Path) {
        let done = Command::new("mount").arg("--bind").arg(&self.at).arg(directory).status();
        assert!(done.is_ok_and(|s| s.success()), "mount what is left on {}", directory.display());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
        let _ = std::fs::remove_file(&self.image);
    }
}

impl Drop for Remains {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

fn place(what: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    std::env::temp_dir().join(format!("postrider-{what}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
}

fn format(image: &Path) -> bool {
    let Kind { name, size, mkfs, .. } = kind();
    let sized = std::fs::File::create(image).and_then(|f| f.set_len(*size));
    let made = Command::new(format!("mkfs.{name}")).args(*mkfs).arg(image).output();
    sized.is_ok() && made.is_ok_and(|out| out.status.success())
}

fn mount(image: &Path, at: &Path) -> bool {
    Command::new("mount").args(["-o", kind().copy]).arg(image).arg(at).output().is_ok_and(|out| out.status.success())
}
