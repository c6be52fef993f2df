/** The few pages that the server writes itself: no script, no picture, nothing from elsewhere. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Gesso</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.6 ui-sans-serif, system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
h1 code { font-size: inherit; }
code, pre { font: 0.9rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { padding: 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: 0.5rem; }
a { color: inherit; }
nav { display: flex; flex-wrap: wrap; gap: 1.25rem; }
</style>
</head>
<body>
${body}
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
