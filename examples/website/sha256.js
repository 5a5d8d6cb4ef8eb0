// SHA-256 (FIPS 180-4), for many texts with the same beginning.

const primes = [];
for (let candidate = 2; primes.length < 64; candidate++) {
  if (primes.every((prime) => candidate % prime)) primes.push(candidate);
}
const fraction = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

const words = new Int32Array(64);
const turned = (word, bits) => (word >>> bits) | (word << (32 - bits));

function compress(state, bytes, offset) {
  for (let i = 0; i < 16; i++) {
    const at = offset + 4 * i;
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const [late, early] = [words[i - 15], words[i - 2]];
    const s0 = turned(late, 7) ^ turned(late, 18) ^ (late >>> 3);
    const s1 = turned(early, 17) ^ turned(early, 19) ^ (early >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + first) | 0; d = c; c = b; b = a; a = (first + second) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

// A function that gives the eight words of the hash of the beginning and a short text behind it, both ASCII.
export function sha256(beginning) {
  const head = new TextEncoder().encode(beginning);
  const whole = head.length - (head.length % 64);
  const middle = START.slice();
  for (let at = 0; at < whole; at += 64) compress(middle, head, at);
  const tail = head.slice(whole);
  const state = new Int32Array(8);
  const block = new Uint8Array(128);
  return (text) => {
    let length = tail.length;
    block.fill(0);
    block.set(tail);
    for (let i = 0; i < text.length; i++) block[length++] = text.charCodeAt(i);
    block[length] = 0x80;
    const end = length < 56 ? 64 : 128;
    new DataView(block.buffer).setUint32(end - 4, 8 * (whole + length));
    state.set(middle);
    for (let at = 0; at < end; at += 64) compress(state, block, at);
    return state;
  };
}
