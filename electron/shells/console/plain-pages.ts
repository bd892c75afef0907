/** Pages that need no screen: no script, no style sheet, nothing that the policy would have to allow. */
function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="dark light"><title>${title}</title><link rel="icon" href="data:,">${head}</head>
<body><main><h1>${title}</h1>${body}</main></body></html>
`;
}

/**
 * Sent with the cookie. The page goes on by itself, because a redirect would still belong to whatever page the address
 * was clicked in, and a strict cookie is not sent along from another site.
 */
export const welcomePage = page(
  'Opening Bulkhead…',
  '<p><a href="/">Continue</a></p>',
  '<meta http-equiv="refresh" content="0; url=/">',
);

export const usedAddressPage = page(
  'This address has been used',
  `<p>Each address opens the console once, for one browser. If that browser was this one, <a href="/">go on to the console</a>.</p>
<p>For another browser, press Enter in the terminal in which the console runs: it prints a new address.</p>`,
);

export const unknownBrowserPage = page(
  'The console does not know this browser',
  '<p>Open the one-time address that the console printed in its terminal, or press Enter there for a new one.</p>',
);
