// Starts Chromium so that it asks nobody on its own account.
import puppeteer from "puppeteer-core";

const launch = () =>
  puppeteer.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

// Chromium can be killed as it starts.
export const browser = await launch().catch(launch);
