// Solves a challenge of the service in a worker, so that the page stays usable meanwhile.

import { read } from "./api.js";
import { h } from "./dom.js";
import { t } from "./language.js";

// Gives what a complaint or a booking sends as `proof`. `tell` shows how far it is.
export async function solve(tell) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("solving") });
  tell(t("solving"), " ", bar);
  const { challenge, difficulty } = await read("/v1/challenges");
  const worker = new Worker(new URL("challenge-worker.js", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (data.solution) resolve({ challenge, solution: data.solution });
        // How many it takes is luck: the bar nears its end, and arrives with the solution.
        else bar.value = 1 - Math.exp(-data.tried / 2 ** difficulty);
      };
      worker.onerror = reject;
      worker.postMessage({ challenge, difficulty });
    });
  } finally {
    worker.terminate();
  }
}
