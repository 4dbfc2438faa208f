//! postdrop(1): takes a message from sendmail(1) into the maildrop queue.
//!
//! Records of the queue file format come on standard input; queue id and status go to standard output. The file is `maildrop/ID`, mode 0600 while it grows, 0744 when
//! it is complete and on stable storage; then pickup(8) is woken. `-c` names another configuration directory, `-r` is taken for granted.
//!
//! Set-gid postdrop: it may create files in maildrop and wake pickup, nothing more. TRUST: everything that comes in is hostile; only record types and attributes that
//! a user may give pass. `authorized_submit_users` and `local_login_sender_maps` limit who may send as whom. A signal or any failure removes the file.
//! Exit: 0, also when the sender gave up before the end; 1 with a status or a message.

fn main() -> std::process::ExitCode {
    tools::postdrop::main()
}
