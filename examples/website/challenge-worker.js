// Counts up until SHA-256 of "challenge:number" begins with enough zero bits.
//
// crypto.subtle is asynchronous, which costs more than a hash of two blocks, and is missing on pages without TLS.

import { sha256 } from "./sha256.js";

onmessage = ({ data: { challenge, difficulty } }) => {
  const hash = sha256(`${challenge}:`);
  for (let tried = 0; ; tried++) {
    // The first 32 bits decide: no service asks for more.
    if (Math.clz32(hash(String(tried))[0]) >= difficulty) return postMessage({ solution: String(tried) });
    if (tried % 20_000 === 0) postMessage({ tried });
  }
};
