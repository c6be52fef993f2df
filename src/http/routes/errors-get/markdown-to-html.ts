import { escapeHtml } from '../../html-page.ts';

/** The little Markdown that our error pages use: headings, paragraphs, lists, `code` and links. */
export function markdownToHtml(markdown: string): string {
  return markdown
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map(blockToHtml)
    .join('\n');
}

function blockToHtml(block: string): string {
  const heading = /^(#{1,3}) (.+)$/.exec(block);
  if (heading) return `<h${heading[1]?.length}>${inlineToHtml(heading[2] ?? '')}</h${heading[1]?.length}>`;
  const fenced = /^```\w*\n([\s\S]*?)\n?```$/.exec(block);
  if (fenced) return `<pre>${escapeHtml(fenced[1] ?? '')}</pre>`;
  if (/^[*-] /.test(block)) {
    const items = block.split(/\n(?=[*-] )/).map((item) => `<li>${inlineToHtml(item.slice(2))}</li>`);
    return `<ul>${items.join('')}</ul>`;
  }
  return `<p>${inlineToHtml(block)}</p>`;
}

function inlineToHtml(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\(((?:https?:\/\/|\/)[^)\s]+)\)/g, '<a href="$2">$1</a>');
}
