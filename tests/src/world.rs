use std::fs::File;
use std::net::IpAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The rest of the world: a network of its own with addresses of its own, joined to this host's by a cable. Only for a test that is [`crate::alone()`].
pub struct World {
    keeper: Child,
}

/// This host's address in the network 192.0.2.0/24.
const HOST: &str = "192.0.2.1/24";

impl World {
    /// A world with these addresses.
    ///
    /// # Panics
    /// When the network cannot be made.
    pub fn new(addresses: &[IpAddr]) -> World {
        let keeper = Command::new("unshare").args(["--net", "sleep", "600"]).stdin(Stdio::null()).spawn().expect("run unshare");
        let world = World { keeper };
        let (id, own) = (world.keeper.id().to_string(), std::fs::read_link("/proc/self/ns/net").expect("our network"));
        let end = Instant::now() + Duration::from_secs(5);
        while std::fs::read_link(world.place()).is_ok_and(|n| n == own) {
            assert!(Instant::now() < end, "the other network does not come up");
            std::thread::sleep(Duration::from_millis(5));
        }
        ip(&["link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", &id]);
        ip(&["address", "add", HOST, "dev", "cable"]);
        ip(&["link", "set", "cable", "up"]);
        world.inside(|| {
            for address in addresses {
                ip(&["address", "add", &format!("{address}/24"), "dev", "cable"]);
            }
            ip(&["link", "set", "lo", "up"]);
            ip(&["link", "set", "cable", "up"]);
        });
        world
    }

    fn place(&self) -> String {
        format!("/proc/{}/ns/net", self.keeper.id())
    }

    /// Does something out there. Sockets and threads that it makes stay there.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let network = File::open(self.place()).expect("the other network");
        let outside = std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                sys::enter_network(&network).expect("enter the other network");
                work()
            });
            thread.join()
        });
        outside.unwrap_or_else(|e| std::panic::resume_unwind(e))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

fn ip(args: &[&str]) {
    let done = Command::new("ip").args(args).status().expect("run ip");
    assert!(done.success(), "ip {}: {done}", args.join(" "));
}
