//! Places of things in their registry: an index of its own type for each kind of thing, so that a
//! service's is never taken for a parameter's.

macro_rules! index {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The thing at `position` of its list.
            pub fn new(position: usize) -> Self {
                Self(u32::try_from(position).unwrap_or(u32::MAX))
            }

            /// Its position in its list.
            pub fn get(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index! {
    /// A group of a framework, in the framework's order; the root is the first.
    GroupIndex
}
index! {
    /// A parameter of a framework, in the framework's order.
    ParameterIndex
}
index! {
    /// A service of a round, in the order of ids.
    ServiceIndex
}
index! {
    /// An entity of a round, in the order of ids.
    EntityIndex
}

impl GroupIndex {
    /// The group that holds the whole framework.
    pub const ROOT: Self = Self(0);
}

/// A node of the framework's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// An inner node.
    Group(GroupIndex),
    /// A leaf.
    Parameter(ParameterIndex),
}
