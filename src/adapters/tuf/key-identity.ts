import { createPublicKey, ECDH } from "node:crypto";
import type { KeyIdentities } from "../../core/metadata-policy.ts";

const CURVES: Readonly<Record<string, { readonly jwk: string; readonly openssl: string }>> = {
  "ecdsa-sha2-nistp256": { jwk: "P-256", openssl: "prime256v1" },
  "ecdsa-sha2-nistp384": { jwk: "P-384", openssl: "secp384r1" },
};
const PEM = /^-----BEGIN PUBLIC KEY-----\n/;
const RSA_SCHEMES = ["rsassa-pss-sha256", "rsassa-pss-sha384", "rsassa-pss-sha512"];
const LEAST_RSA_BITS = 2048;

/** Keys of the kinds that TUF names: ed25519, ECDSA on P-256 and P-384, RSA-PSS; in PEM, or as hex of the point. */
export const tufKeyIdentity: KeyIdentities = (keytype, scheme, publicKey) => {
  try {
    if (keytype === "ed25519" && scheme === "ed25519") return ed25519(publicKey);
    if (keytype === "ecdsa" || keytype === scheme) return ecdsa(scheme, publicKey);
    if (keytype === "rsa" && RSA_SCHEMES.includes(scheme)) return rsa(publicKey);
    return undefined;
  } catch {
    // what OpenSSL cannot read is no key
    return undefined;
  }
};

function ed25519(publicKey: string): string | undefined {
  if (/^[0-9a-f]{64}$/.test(publicKey)) return `ed25519 ${publicKey}`;
  const { crv, x } = pem(publicKey);
  return crv === "Ed25519" && x !== undefined ? `ed25519 ${Buffer.from(x, "base64url").toString("hex")}` : undefined;
}

/** One point has a spelling with and one without its second coordinate. */
function ecdsa(scheme: string, publicKey: string): string | undefined {
  const curve = CURVES[scheme];
  if (curve === undefined) return undefined;
  if (/^[0-9a-f]+$/.test(publicKey)) {
    return `ecdsa ${ECDH.convertKey(publicKey, curve.openssl, "hex", "hex", "uncompressed")}`;
  }
  const { crv, x, y } = pem(publicKey);
  if (crv !== curve.jwk || x === undefined || y === undefined) return undefined;
  return `ecdsa 04${Buffer.from(x, "base64url").toString("hex")}${Buffer.from(y, "base64url").toString("hex")}`;
}

function rsa(publicKey: string): string | undefined {
  const { n, e } = pem(publicKey);
  if (n === undefined || e === undefined || Buffer.from(n, "base64url").length * 8 < LEAST_RSA_BITS) return undefined;
  return `rsa ${n} ${e}`;
}

function pem(publicKey: string) {
  if (!PEM.test(publicKey)) return {};
  return createPublicKey(publicKey).export({ format: "jwk" });
}
