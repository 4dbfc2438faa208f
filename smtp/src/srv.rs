//! Servers of a service, in the order to try them (RFC 2782).

use std::hash::{BuildHasher, Hasher, RandomState};

use dns::Srv;

/// By priority; among equals by chance, in proportion to the weight. Without chance the heaviest is first.
pub fn order(mut servers: Vec<Srv>, by_chance: bool) -> Vec<Srv> {
    servers.sort_by_key(|s| (s.priority, std::cmp::Reverse(s.weight)));
    if !by_chance {
        return servers;
    }
    let mut ordered = Vec::with_capacity(servers.len());
    for group in servers.chunk_by(|a, b| a.priority == b.priority) {
        let mut left = group.to_vec();
        while !left.is_empty() {
            let total: u64 = left.iter().map(share).sum();
            let mut at = RandomState::new().build_hasher().finish() % total;
            let chosen = left.iter().position(|s| {
                let here = at < share(s);
                at = at.saturating_sub(share(s));
                here
            });
            ordered.push(left.remove(chosen.unwrap_or(0)));
        }
    }
    ordered
}

/// A weight of 0 leaves a small chance.
fn share(server: &Srv) -> u64 {
    u64::from(server.weight) * 100 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(priority: u16, weight: u16) -> Srv {
        Srv { priority, weight, port: 25, target: format!("h{priority}-{weight}.example") }
    }

    #[test]
    fn heavy_servers_come_first_more_often() {
        let servers = vec![server(20, 9), server(10, 0), server(10, 50), server(10, 1)];
        let fixed: Vec<(u16, u16)> = order(servers.clone(), false).iter().map(|s| (s.priority, s.weight)).collect();
        assert_eq!(fixed, [(10, 50), (10, 1), (10, 0), (20, 9)]);
        let mut heavy = 0;
        for _ in 0..200 {
            let order = order(servers.clone(), true);
            assert_eq!((order.len(), order[3].priority), (4, 20));
            heavy += usize::from(order[0].weight == 50);
        }
        // 98 of 100 are expected.
        assert!(heavy > 150, "{heavy}");
    }
}
