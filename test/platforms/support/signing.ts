import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { must } from "../../engines/support/prepare.ts";
import { preparedPlatforms } from "./prepared.ts";

/** Why no program for Windows is signed here; false where one is. */
export function whyUnsigned(): string | false {
  const { signer } = preparedPlatforms();
  return signer !== undefined && "missing" in signer ? signer.missing : false;
}

/** Writes `program` with an Authenticode signature of a certificate of its own to `signed`; answers what says whether it holds. */
export function signWindowsProgram(program: string, signed: string, folder: string): () => boolean {
  const [key, certificate] = [join(folder, "signer.key"), join(folder, "signer.pem")];
  const wanted = ["-subj", "/CN=A publisher", "-addext", "extendedKeyUsage=codeSigning", "-days", "30"];
  must(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...wanted, "-keyout", key, "-out", certificate],
    folder,
  );
  must(
    "osslsigncode",
    ["sign", "-certs", certificate, "-key", key, "-h", "sha256", "-in", program, "-out", signed],
    folder,
  );
  return () => spawnSync("osslsigncode", ["verify", "-CAfile", certificate, "-in", signed]).status === 0;
}
