// What an empty form begins with.
export const CATALOGUE = `[[services]]
id = "shipments"
name = "Shipments API"

[[services.environments]]
id = "sandbox"
class = "sandbox"
base_url = "https://sandbox.example.com/v1"
longest_days = 90
issuer = "gateway"

[[services.scopes]]
name = "shipments:read"
class = "read"
endpoints = [{ methods = ["GET"], path = "/shipments" }]
`;

export const ISSUER = `id = "gateway"
kind = "hash-file"
prefix = "acme"
location = "/srv/gateway/keys.json"
`;
