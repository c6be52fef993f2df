/** The floor: the least that a gateway in Node can do. Bytes go through; nothing is read, kept or written down. */
import { Agent, createServer, request } from 'node:http';

const upstream = new URL(process.env.UPSTREAM_URL ?? 'http://127.0.0.1:1');
const agent = new Agent({ keepAlive: true });

createServer((req, res) => {
  if (req.method === 'GET') {
    res.end('ready');
    return;
  }
  const { pathname } = upstream;
  const onward = request(
    upstream,
    { agent, method: req.method ?? 'POST', path: `${pathname}${req.url?.replace(/^\/v1/, '')}`, headers: req.headers },
    (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    },
  );
  onward.on('error', () => res.destroy());
  req.pipe(onward);
}).listen(Number(process.env.PORT), '127.0.0.1');
