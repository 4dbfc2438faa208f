//! Making connections.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::net::UnixStream;

use base::Dsn;
use sys::Stream;

use crate::nexthop::Site;
use crate::route::Hop;
use crate::session::{Peer, Session};
use crate::settings::Settings;
use crate::tables::Tables;
use crate::wire::Transport;

/// Connects to one address of a site.
pub fn tcp(settings: &Settings, tables: &Tables, site: &Site, hop: &Hop, only: bool) -> Result<Session, Dsn> {
    let name = format!("{}[{}]", hop.host, hop.address);
    let relay = format!("{name}:{}", hop.port);
    let bind = source(settings, hop.address);
    let limit = Some(settings.timeouts.connect).filter(|l| !l.is_zero());
    let to = SocketAddr::new(hop.address, hop.port);
    let failed = |cause: &std::io::Error| Dsn::new("4.4.1", format!("connect to {relay}: {}", text(cause)));
    let stream = match sys::tcp_connect(to, bind, limit) {
        Err(sys::ConnectError::Bind(e)) => {
            maillog::warning!("smtp_connect_addr: bind {}: {}", bind.map(|b| b.to_string()).unwrap_or_default(), text(&e));
            if settings.bind_enforce {
                return Err(Dsn::new("4.4.0", "server configuration error"));
            }
            sys::tcp_connect(to, None, limit)
        }
        other => other,
    };
    let stream = stream.map_err(|e| match e {
        sys::ConnectError::Bind(e) | sys::ConnectError::Connect(e) => failed(&e),
    })?;
    let peer = Peer { site: site.clone(), host: hop.host.clone(), address: Some(to), name, relay, best: hop.best, only };
    Ok(Session::new(peer, Transport::Socket(Stream::Tcp(stream)), settings, tables))
}

/// Connects to a Unix-domain socket.
pub fn unix(settings: &Settings, tables: &Tables, site: &Site, path: &str) -> Result<Session, Dsn> {
    let name = format!("{}[{path}]", settings.hostname);
    let stream = UnixStream::connect(path).map_err(|e| Dsn::new("4.4.1", format!("connect to {name}: {}", text(&e))))?;
    let peer = Peer { site: site.clone(), host: settings.hostname.clone(), address: None, relay: name.clone(), name, best: true, only: true };
    Ok(Session::new(peer, Transport::Socket(Stream::Unix(stream)), settings, tables))
}

fn source(settings: &Settings, to: IpAddr) -> Option<IpAddr> {
    if to.is_ipv4() { settings.bind4 } else { settings.bind6 }
}

use sys::strerror as text;
