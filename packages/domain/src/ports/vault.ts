/** Encrypts what a person must not be able to read out of a store (KMS). */
export type DataKey = {
  /** Names the key, and is the key itself, encrypted: base64. Kept beside what was sealed with it. */
  name: string;
  /** Authenticated encryption; only the same `about` (whose it is, which field) opens it again. */
  seal(plain: Uint8Array, about: string): Uint8Array;
  /** Throws when the bytes or `about` are not those that were sealed. */
  open(sealed: Uint8Array, about: string): Uint8Array;
};

export type Vault = {
  /** A key to seal with: the same for a while, so that a call of KMS serves many users. */
  current(): Promise<DataKey>;
  /** The key of that name, to open with. Throws when neither this vault nor an earlier one of the stage made it. */
  named(name: string): Promise<DataKey>;
};
