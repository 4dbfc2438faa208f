//! .forward files: which are obeyed, and what may stand in them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use tests::{alone, compare, home, put, settle, shown, spy};

const PLAIN: &str = "recipient_delimiter = +\nmyorigin = localhost\nlocal_recipient_maps =\ntransport_maps = inline:{ { other.example = discard: } }\n";

/// B163: a file that cannot be trusted is told and skipped, and the mail goes to the mailbox.
#[test]
fn b163_files_that_are_ignored() {
    if !alone("forward::b163_files_that_are_ignored") {
        return;
    }
    const KINDS: [&str; 12] = ["lp", "root", "world", "group", "shut", "link", "linked", "dangling", "dir", "fifo", "empty", "none"];
    for path in [
        "@ROOT@/fwd/$user.$extension",
        "@ROOT@/fwd/$user.$extension, $home/.forward",
        "/nonexistent/$user, @ROOT@/fwd/$user.$extension/x, @ROOT@/fwd/$user.$extension",
    ] {
        compare(&format!("{PLAIN}forward_path = {path}\n"), "", |i| {
            settle();
            fs::create_dir_all(i.path("fwd")).expect("make a directory");
            let put_file = |kind: &str, owner: u32, mode: u32| {
                let path = i.path(&format!("fwd/ann.{kind}"));
                fs::write(&path, format!("{kind}@other.example\n")).expect("write a file");
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
                chown(&path, Some(owner), Some(owner)).expect("chown");
            };
            for (kind, owner, mode) in
                [("lp", 7, 0o644), ("root", 0, 0o644), ("world", 7001, 0o646), ("group", 7001, 0o664), ("shut", 7001, 0o000), ("empty", 7001, 0o600)]
            {
                put_file(kind, owner, mode);
            }
            fs::write(i.path("fwd/ann.empty"), "").expect("write a file");
            put("ann", "elsewhere", "elsewhere@other.example\n", 0o600);
            symlink(home().join("ann/elsewhere"), i.path("fwd/ann.link")).expect("make a link");
            symlink("ann.root", i.path("fwd/ann.linked")).expect("make a link");
            symlink("nothing", i.path("fwd/ann.dangling")).expect("make a link");
            fs::create_dir(i.path("fwd/ann.dir")).expect("make a directory");
            assert!(std::process::Command::new("mkfifo").arg(i.path("fwd/ann.fifo")).status().expect("run mkfifo").success());
            put("ann", ".forward", "last@other.example\n", 0o600);
            let to: Vec<String> = KINDS.iter().map(|k| format!("ann+{k}@localhost")).collect();
            shown(i, "s@example.net", &to.iter().map(String::as_str).collect::<Vec<_>>())
        });
    }
}

/// A directory of a user that root may read and he may not, and homes that are not there.
#[test]
fn b163_files_are_read_as_the_user() {
    if !alone("forward::b163_files_are_read_as_the_user") {
        return;
    }
    for more in ["", "require_home_directory = yes\n"] {
        compare(&format!("{PLAIN}{more}"), "", |i| {
            settle();
            put("ann", ".forward", "ann@other.example\n", 0o600);
            fs::set_permissions(home().join("ann"), fs::Permissions::from_mode(0o000)).expect("chmod");
            put("bob", ".forward", "bob@other.example\n", 0o600);
            chown(home().join("bob"), Some(0), Some(0)).expect("chown");
            fs::set_permissions(home().join("bob"), fs::Permissions::from_mode(0o700)).expect("chmod");
            fs::remove_dir_all(home().join("cat")).expect("remove a home");
            shown(i, "s@example.net", &["ann@localhost", "bob@localhost", "cat@localhost"])
        });
    }
}

/// Files as users write them.
const FORMS: &[&str] = &[
    "# a comment\nbob, cat\n",
    "\\ann, bob@localhost\n",
    "\\ann\n",
    "\\ann@localhost\n",
    "\\bob\n",
    "\\nosuch9\n",
    "\\far@other.example\n",
    "\"\\ann\", bob\n",
    "bob (a comment), \"cat\"@localhost\n",
    "\"|@ROOT@/spy 'x y' $USER\", bob\n",
    "\"|\\\"@ROOT@/spy\\\" escaped\"\n",
    "\"odd user\"@other.example\n",
    "bob\n  cat\n\n,,dog@other.example,\n",
    "bob cat dog@other.example\n",
    "/dev/null\n",
    "~/box\n",
    "~bob/box\n",
    "~nosuch9/box\n",
    "Bob <bob@localhost>, \"C, D\" <cat@localhost>\n",
    "team: bob, cat;\n",
    "ann+other\n",
    "ann\n",
    "ann+@FORM@\n",
    "\n \n",
    "# nobody\n",
    "bob@localhost # behind\n",
    "relative/path\n",
    ":include:relative\n",
    ":include:@HOME@/ann/list, bob\n",
    "bob,\ncat\n",
    "<@h1,@h2:dog@other.example>\n",
    "dog@\n",
    "@other.example\n",
    "dog%other.example\n",
    "BOB, bob, Bob@LOCALHOST\n",
    "bob\r\ncat\r\n",
    "bob@localhost\0hidden\n",
    "d\u{f6}g@other.example\n",
    "bob",
    "@ROOT@/mail/copy, /nonexistent/dir/copy\n",
    "@HOME@/ann/md/\n",
];

/// What stands in a .forward file, form by form.
#[test]
fn forms_of_recipients() {
    if !alone("forward::forms_of_recipients") {
        return;
    }
    for more in [
        "",
        "allow_mail_to_commands = alias, forward, include\nallow_mail_to_files = forward\npropagate_unmatched_extensions = forward, include\n",
        "allow_mail_to_commands =\n",
    ] {
        compare(&format!("{PLAIN}{more}forward_path = $home/.forward+$extension\nenable_original_recipient = no\n"), "", |i| {
            settle();
            spy(i);
            let root = i.path("").to_string_lossy().trim_end_matches('/').to_owned();
            put("ann", "list", &format!("cat@localhost, \"|{root}/spy from a list\"\n"), 0o600);
            let mut to = Vec::new();
            for (n, form) in FORMS.iter().enumerate() {
                let text = form.replace("@ROOT@", &root).replace("@HOME@", &home().to_string_lossy()).replace("@FORM@", &n.to_string());
                put("ann", &format!(".forward+{n}"), &text, 0o600);
                to.push(format!("ann+{n}@localhost"));
            }
            shown(i, "", &to.iter().map(String::as_str).collect::<Vec<_>>())
        });
    }
}
