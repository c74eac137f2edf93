//! Mail servers in the mail domain itself, and such as only seem to be.

use super::{FRESH, World, judges_at, world};

#[test]
fn hosts_in_the_mail_domain_itself() {
    let world = &world();
    let at = |mail_domain: &str, text: &str, expected: &str| {
        judges_at(world, mail_domain, Some(FRESH), text, expected);
    };
    // the domain answers for them, whatever is known of it
    for text in
        ["10 unknown-to-registry.com", "10 mx.unknown-to-registry.com, 20 a.b.unknown-to-registry.com"]
    {
        at("unknown-to-registry.com", text, "critical unverify");
    }
    at("Victim.com", "10 MX.Victim.COM., 20 VICTIM.com.", "none none");
    at("bücher.com", "10 mx.bücher.com, 20 mx.xn--bcher-kva.com", "high lookup");
    at("mail.gone.com", "10 mx.mail.gone.com, 20 mx.gone.com, 30 gone.com", "high lookup");
    // one that only ends like the domain is elsewhere
    let alike = "critical lookup mx.hijackable mx.xvictim.com=xvictim.com/absent";
    at("victim.com", "10 mx.xvictim.com", alike);
    at("mail.victim.com", "10 xmail.victim.com", "none none");
    // beside one in the domain itself, one elsewhere is one of several
    let gone = "high lookup mx.hijackable mx.gone.com=gone.com/absent";
    at("victim.com", "10 mx.victim.com, 20 mx.gone.com", gone);
    // below a public suffix somebody else may hold it
    let dropped = "critical unverify mx.hijackable mx.dropped.uk.com=dropped.uk.com/available";
    at("uk.com", "10 mx.dropped.uk.com", dropped);
    at("uk.com", "10 mx.taken.uk.com, 20 uk.com", "none none");
    at("dropped.uk.com", "10 mx.dropped.uk.com", "high review");
    // and so it may where only names below the domain are registered
    let below = World::new(&[("name", "fred.bergquist.name ns1.fred.bergquist.name")], "");
    let gone = "critical lookup mx.hijackable mx.gone.bergquist.name=gone.bergquist.name/absent";
    judges_at(&below, "bergquist.name", Some(FRESH), "10 mx.gone.bergquist.name", gone);
    judges_at(&below, "bergquist.name", Some(FRESH), "10 mx.fred.bergquist.name", "unknown lookup");
    judges_at(&below, "fred.bergquist.name", Some(FRESH), "10 mx.fred.bergquist.name", "none none");
}
