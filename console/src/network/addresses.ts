/** The bundle is served below the console, and the console beside the API: wherever a proxy has put the two. */
const assets = new URL(import.meta.url);

function beside(levels: string): URL {
  const address = new URL(levels, assets);
  address.search = "";
  return address;
}

/** The path of the console, without a slash at its end. */
export const CONSOLE_PATH = beside("../").pathname.slice(0, -1);

/** Where queries and mutations go. */
export const GRAPHQL_URL = beside("../../graphql").href;

/** Where subscriptions go. */
export const SOCKET_URL = GRAPHQL_URL.replace(/^http/, "ws");

const mailbox = document.querySelector<HTMLMetaElement>("meta[name=mailbox]")?.content;

/** The page of the letters as received, which only a server of development has. */
export const MAILBOX_PATH: string | null = mailbox ? beside(`../..${mailbox}`).pathname : null;
