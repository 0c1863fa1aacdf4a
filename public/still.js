// What moves on still pages. Each of them reads and posts without this.
const root = document.documentElement;
root.setAttribute('data-hydrated', '');

// The theme, as the other pages keep it: a cookie, read by the server.
for (const button of document.querySelectorAll('[data-choice]')) {
  button.addEventListener('click', () => {
    const theme = button.dataset.choice;
    document.cookie = `farshore-theme=${theme}; Path=/; Max-Age=${theme ? 31536000 : 0}; SameSite=Lax`;
    if (theme) root.setAttribute('data-theme', theme);
    else root.removeAttribute('data-theme');
    for (const other of document.querySelectorAll('[data-choice]')) other.setAttribute('aria-pressed', String(other.dataset.choice === theme));
  });
}

// Makes an element what it is in a page that was rendered anew. What has not changed stays, with its focus and its
// scroll position.
function become(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.nodeType !== Node.ELEMENT_NODE) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const [was, is] = [[...old.childNodes], [...fresh.childNodes]];
  is.forEach((child, place) => (was[place] ? become(was[place], child) : old.append(child)));
  was.slice(is.length).forEach((child) => child.remove());
}

// Takes the element of the same id from a page that was rendered anew.
async function renew(place, answer) {
  const fresh = new DOMParser().parseFromString(await (await answer).text(), 'text/html').getElementById(place.id);
  if (fresh) become(place, fresh);
  return fresh;
}

// <div id="…" data-refresh-ms="1000">: shows what the page shows now, as long as somebody looks and the page says
// so; data-stale while that cannot be found out.
for (const place of document.querySelectorAll('[data-refresh-ms]')) {
  const again = () => setTimeout(async () => {
    if (!document.hidden && !(await renew(place, fetch(location.href)).catch(() => null))) place.dataset.stale = '';
    if (place.dataset.refreshMs) again();
  }, Number(place.dataset.refreshMs));
  again();
}

// <form data-preview="ID" data-preview-action="/address">: shows in ID what the form would do, while it is typed.
for (const form of document.querySelectorAll('form[data-preview]')) {
  let waiting;
  let asking;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    // An answer about what stood there before must not come after the next one.
    asking?.abort();
    waiting = setTimeout(() => {
      const place = document.getElementById(form.dataset.preview);
      const body = new URLSearchParams(new FormData(form));
      asking = new AbortController();
      renew(place, fetch(form.dataset.previewAction, { method: 'POST', body, signal: asking.signal })).catch(() => {});
    }, 300);
  });
}
