const copied = [
  'boxSizing',
  'width',
  'paddingTop',
  'paddingRight',
  'paddingBottom',
  'paddingLeft',
  'borderTopWidth',
  'borderRightWidth',
  'borderBottomWidth',
  'borderLeftWidth',
  'fontFamily',
  'fontSize',
  'fontWeight',
  'letterSpacing',
  'lineHeight',
  'tabSize',
] as const;

/** Where a place of a textarea's text stands, in pixels from its top left corner; a line's height too. */
export function placeOf(area: HTMLTextAreaElement, index: number): { x: number; y: number; line: number } {
  const style = getComputedStyle(area);
  const mirror = document.createElement('div');
  for (const name of copied) mirror.style[name] = style[name];
  Object.assign(mirror.style, {
    position: 'absolute',
    visibility: 'hidden',
    top: '0',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'break-word',
  });
  mirror.textContent = area.value.slice(0, index);
  const mark = document.createElement('span');
  mark.textContent = area.value.slice(index) || '.';
  mirror.append(mark);
  document.body.append(mirror);
  const place = {
    x: mark.offsetLeft,
    y: mark.offsetTop - area.scrollTop,
    line: Number.parseFloat(style.lineHeight) || 20,
  };
  mirror.remove();
  return place;
}
