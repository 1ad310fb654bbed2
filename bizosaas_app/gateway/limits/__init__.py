"""How much a tenant, a person, an address or a socket may ask for."""
