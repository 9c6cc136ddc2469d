/** A key as TUF metadata names it. */
export interface PublicKey {
  /** sha256 of the key's canonical JSON: never chosen by anyone. */
  readonly keyid: string;
  /** 64 lower-case hex digits: the raw ed25519 point. */
  readonly ed25519: string;
}

export interface SigningKey {
  readonly public: PublicKey;
  /** 128 lower-case hex digits; the same for the same bytes. */
  sign(bytes: Uint8Array): string;
}

export interface NewKey extends SigningKey {
  /** PKCS#8 PEM; with a passphrase encrypted (scrypt, AES-256-CBC), readable by openssl. */
  readonly privatePem: Uint8Array;
  /** The public half as a file: JSON with the key's name and id. */
  publicFile(name: string): Uint8Array;
}

/** ed25519 key files. Touches no disk; everything it is given and answers are a file's bytes. */
export interface KeyFormat {
  /** From the operating system's random numbers. */
  create(passphrase: string | undefined): NewKey;
  isEncrypted(privatePem: Uint8Array): boolean;
  /** Takes a fifth of a second where it is encrypted. Errors: `key-unreadable` (wrong passphrase, another kind of key). */
  readPrivate(privatePem: Uint8Array, passphrase: string | undefined): SigningKey;
  /** From `NewKey.publicFile`'s format, or a PEM public key. Errors: `key-unreadable`. */
  readPublic(bytes: Uint8Array): PublicKey;
  /** Whether `signature` (hex) is the key's over `bytes`. */
  verify(key: PublicKey, bytes: Uint8Array, signature: string): boolean;
}
