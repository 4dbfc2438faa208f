use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use config::Config;
use config::master_cf::{Kind, Service};

/// Opens the sockets of a service. The working directory is the queue directory.
///
/// # Errors
/// A sentence that names the address or path.
pub fn open(conf: &Config, service: &Service, owner: Option<(u32, u32)>) -> Result<Vec<OwnedFd>, String> {
    match service.kind {
        Kind::Inet => {
            sys::set_tcp_window(conf.get(params::TCP_WINDOWSIZE));
            let mut fds = Vec::new();
            for address in addresses(conf, &service.name)? {
                fds.push(sys::listen_inet(address).map_err(|e| format!("bind {} port {}: {}{}", address.ip(), address.port(), reason(&e), remedy(&e)))?);
            }
            Ok(fds)
        }
        _ => local(service, owner).map(|fd| vec![fd]),
    }
}

pub use sys::strerror as reason;

/// What to do about an address that cannot be listened on.
fn remedy(e: &std::io::Error) -> &'static str {
    match e.kind() {
        std::io::ErrorKind::AddrInUse => " (another program listens there: stop it, or change master.cf)",
        std::io::ErrorKind::AddrNotAvailable => " (no address of this host: change inet_interfaces, or master.cf)",
        std::io::ErrorKind::PermissionDenied => " (only root may listen on the first 1023 ports)",
        _ => "",
    }
}

fn local(service: &Service, owner: Option<(u32, u32)>) -> Result<OwnedFd, String> {
    use std::os::unix::fs::PermissionsExt;
    let path = service.socket();
    let fault = |what: &'static str| {
        let path = path.clone();
        move |e: std::io::Error| format!("{what} {}: {}", path.display(), reason(&e))
    };
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(fault("remove")(e)),
        _ => {}
    }
    let fd = match service.kind {
        Kind::Fifo => sys::open_fifo(&path, 0o622).map_err(fault("create fifo"))?,
        Kind::UnixDgram => {
            let socket = std::os::unix::net::UnixDatagram::bind(&path).map_err(fault("bind"))?;
            // Programs log before postlogd runs: the kernel notes who sends from the first datagram on.
            sys::pass_credentials(socket.as_fd()).map_err(fault("configure"))?;
            OwnedFd::from(socket)
        }
        _ => sys::listen_unix(&path).map_err(fault("bind"))?,
    };
    let mode = if service.kind == Kind::Fifo { 0o622 } else { 0o666 };
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).map_err(fault("chmod"))?;
    if let Some((uid, gid)) = owner {
        std::os::unix::fs::chown(&path, Some(uid), Some(gid)).map_err(fault("chown"))?;
    }
    Ok(fd)
}

/// `smtp`, `2525`, `host:port`, `[::1]:2525`: the addresses to listen on.
pub fn addresses(conf: &Config, name: &str) -> Result<Vec<SocketAddr>, String> {
    let (host, port) = match name.rsplit_once(':') {
        Some((host, port)) => (host.trim_start_matches('[').trim_end_matches(']'), port),
        None => ("", name),
    };
    let port = config::Ports::of(conf)
        .find(port)
        .ok_or_else(|| format!("unknown service \"{port}\": not a port number, and not a name in known_tcp_ports or /etc/services"))?;
    if !host.is_empty() {
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        use std::net::ToSocketAddrs;
        let found: Vec<SocketAddr> =
            (host, port).to_socket_addrs().map_err(|e| format!("host {host}: {}", reason(&e)))?.filter(|a| conf.uses_protocol(a.is_ipv6())).collect();
        return Ok(found);
    }
    let wanted = params::list(&conf.get(params::INET_INTERFACES), true);
    if wanted.iter().any(|w| w == "all") {
        let mut all = Vec::new();
        if conf.uses_protocol(false) {
            all.push(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port));
        }
        if conf.uses_protocol(true) && Path::new("/proc/net/if_inet6").exists() {
            all.push(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port));
        }
        return Ok(all);
    }
    let own: Vec<SocketAddr> = conf.own_interfaces().into_iter().map(|i| SocketAddr::new(i.address, port)).collect();
    if own.is_empty() { Err(format!("inet_interfaces = {}: no such address on this host", wanted.join(" "))) } else { Ok(own) }
}
