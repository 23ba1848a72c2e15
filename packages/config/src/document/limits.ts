/** What a file or a remote document of settings may ask of the reader. All are included. */
export interface DocumentLimits {
  /** Of the text, in UTF-8. */
  readonly maxBytes: number;
  /** Maps and lists inside one another; the document is the first. */
  readonly maxDepth: number;
  /** Values in the document, those that aliases repeat counted each time. */
  readonly maxValues: number;
  /** Problems of one document that are listed; there may be more. */
  readonly maxProblems: number;
}

/** Consul takes 512 KB under a key and etcd 1.5 MiB in a request: a document that fits here can stand in any of them. */
export const defaultDocumentLimits: DocumentLimits = {
  maxBytes: 500_000,
  maxDepth: 20,
  maxValues: 50_000,
  maxProblems: 100,
};
