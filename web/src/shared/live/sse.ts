export type ServerEvent = { id: string; event: string; data: string };

/**
 * Reads a text/event-stream piece by piece. Answers a function that takes the
 * next piece of text; `emit` gets each event that has its blank line.
 */
export function sseParser(emit: (event: ServerEvent) => void): (text: string) => void {
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0) emit({ id, event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    if (text.startsWith(':')) return;
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
  };
  return (text) => {
    rest += text;
    // A CR at the very end may be the first half of CRLF: it waits for the next piece.
    let end = rest.search(/\r\n|\n|\r(?!$)/);
    while (end >= 0) {
      line(rest.slice(0, end));
      rest = rest.slice(end + (rest.startsWith('\r\n', end) ? 2 : 1));
      end = rest.search(/\r\n|\n|\r(?!$)/);
    }
  };
}
