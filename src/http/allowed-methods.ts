import { fastifyPaths } from './register-routes.ts';
import type { Route } from './route.ts';

/** The methods that a path answers to; empty when the path is not known at all. Tells 405 from 404. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = routes
    .filter((route) => fastifyPaths(route.path).some((pattern) => matches(pattern, path)))
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)];
}

function matches(pattern: string, path: string): boolean {
  const source = pattern
    .split('/')
    .map((part) => {
      if (part === '*') return '.+';
      return part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.');
    })
    .join('/');
  return new RegExp(`^${source}$`).test(path);
}
