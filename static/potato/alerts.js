// For members: a notification as a toast, the number of unread ones in the menu, and the inbox where it is open.
(() => {
  const box = document.getElementById('live');
  const toasts = document.createElement('div'), SECONDS = 12, MOST = 3;
  toasts.className = 'toasts';
  toasts.setAttribute('role', 'status');
  document.body.append(toasts);
  let known = 0, renewing;

  const count = ({ shown }) => {
    for (const badge of document.querySelectorAll('[data-unread]')) badge.textContent = shown;
  };
  const close = toast => {
    // Who was in it goes on where they were: at the page.
    const isIn = toast.contains(document.activeElement);
    toast.remove();
    if (isIn) (toasts.querySelector('a') || document.getElementById('main')).focus({ preventScroll: true });
  };
  const show = ({ text, url }) => {
    const toast = document.createElement('p'), link = document.createElement('a'), button = document.createElement('button');
    link.href = url;
    link.textContent = text;
    button.type = 'button';
    button.textContent = '✕';
    button.setAttribute('aria-label', box.dataset.close);
    button.onclick = () => close(toast);
    toast.append(link, button);
    toasts.append(toast);
    while (toasts.children.length > MOST) toasts.firstChild.remove();
    // It stays while somebody points at it or is in it.
    const later = () => setTimeout(() => toast.matches(':hover, :focus-within') ? later() : close(toast), SECONDS * 1000);
    later();
  };
  const renewInbox = () => {
    if (!document.getElementById('inbox')) return;
    clearTimeout(renewing);
    // Several come together. Not while somebody is in it: what has the focus would go.
    renewing = setTimeout(() => {
      if (document.getElementById('inbox')?.contains(document.activeElement)) renewInbox();
      else htmx.ajax('GET', location.pathname + location.search, { target: '#inbox', select: '#inbox', swap: 'outerHTML' });
    }, 500);
  };

  addEventListener('potato:unread', ({ detail }) => count(detail));
  addEventListener('potato:alert', ({ detail }) => {
    count(detail);
    // Twice where the stream moved to another page.
    if (detail.id <= known) return;
    known = detail.id;
    if (detail.toast && !document.hidden) show(detail);
    renewInbox();
  });
  addEventListener('potato:signed-out', () => {
    count({ shown: '' });
    toasts.replaceChildren();
  });
})();
