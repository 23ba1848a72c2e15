import { join } from "node:path";
import { prepared, step } from "./peer-cache.js";

const request = `[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = localhost
[extensions]
subjectAltName = DNS:localhost, IP:127.0.0.1
`;

/** A self-signed certificate for the benches, made by openssl: the environment that every server reads it from. */
export async function certificate(): Promise<Readonly<Record<string, string>>> {
  const folder = await prepared("tls", { "request.cnf": request }, (folder) =>
    step(folder, "openssl", [
      ...["req", "-x509", "-config", "request.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-days", "3650", "-keyout", "key.pem", "-out", "certificate.pem"],
    ]),
  );
  return { BENCH_CERT: join(folder, "certificate.pem"), BENCH_KEY: join(folder, "key.pem") };
}
