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

// Takes the element of the same id from a page that was rendered anew.
async function renew(place, answer) {
  const fresh = new DOMParser().parseFromString(await (await answer).text(), 'text/html').getElementById(place.id);
  if (fresh) place.replaceChildren(...fresh.childNodes);
}

// <div id="…" data-refresh-ms="1000">: shows what the page shows now, as long as somebody looks.
for (const place of document.querySelectorAll('[data-refresh-ms]')) {
  const again = () => setTimeout(async () => {
    if (!document.hidden) await renew(place, fetch(location.href)).catch(() => {});
    again();
  }, Number(place.dataset.refreshMs));
  again();
}

// <form data-preview="ID" data-preview-action="/address">: shows in ID what the form would do, while it is typed.
for (const form of document.querySelectorAll('form[data-preview]')) {
  let waiting;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const place = document.getElementById(form.dataset.preview);
      const body = new URLSearchParams(new FormData(form));
      renew(place, fetch(form.dataset.previewAction, { method: 'POST', body })).catch(() => {});
    }, 300);
  });
}
