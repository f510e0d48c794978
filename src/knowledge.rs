//! Stub until the knowledge arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Provider(u16);
impl Provider {
    pub const LOCAL: Self = Self(0);
    pub const OTHER: Self = Self(1);
}
#[derive(Debug, Default)]
pub struct Knowledge;
impl Knowledge {
    pub fn builtin() -> Self { Self }
    pub fn provider_of_relay(&self, _host: &[u8]) -> Option<Provider> { None }
    pub fn provider_of_domain(&self, _domain: &[u8]) -> Option<Provider> { None }
    pub fn name(&self, p: Provider) -> &str { if p.0 == 0 { "local" } else { "other" } }
}
