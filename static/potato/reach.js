// Starts the service worker, says of a saved copy since when it stands there, or that the network does not answer, and
// places the answers that are errors.
{
  const { worker } = document.currentScript.dataset, { saved } = document.documentElement.dataset;
  // Looked up each time: a page about an error takes the place of the whole.
  const box = () => document.getElementById('saved');
  let standing = '';
  const write = options => {
    const text = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Yangon', ...options }).format(+saved);
    return document.documentElement.lang === 'my' ? text.replace(/\d/g, digit => '၀၁၂၃၄၅၆၇၈၉'[digit]) : text;
  };
  if (saved) {
    const time = { hour: '2-digit', minute: '2-digit' }, day = { day: 'numeric', month: 'numeric' };
    const isRecent = Date.now() - saved < 43_200_000;
    standing = box().dataset.copy.replace('{0}', write(isRecent ? time : { ...day, ...time }));
  }
  const say = text => {
    box().firstElementChild.textContent = text || standing;
    box().hidden = !text;
  };
  say('');
  addEventListener('htmx:sendError', () => say(box().dataset.away));
  addEventListener('htmx:timeout', () => say(box().dataset.away));
  addEventListener('htmx:responseError', () => say(box().dataset.failed));
  addEventListener('htmx:afterRequest', event => event.detail.successful && say(''));
  // A form's answer that takes the place of the page says so, and is shown whatever its status. Other errors are not.
  addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (detail.xhr.getResponseHeader('HX-Retarget')) Object.assign(detail, { shouldSwap: true, isError: false });
  });
  // What a price comes to is not shown beside another price: it goes when no answer comes.
  const clearEcho = ({ detail: { target, xhr } }) => target.id === 'echo' && xhr.status !== 200 && target.replaceChildren();
  for (const type of ['htmx:afterOnLoad', 'htmx:sendError', 'htmx:timeout']) addEventListener(type, clearEcho);
  // Going back asks for the former answer. Where none comes, the whole page is loaded: the saved copy, or what went wrong.
  const load = () => location.reload();
  addEventListener('htmx:historyCacheMiss', ({ detail: { xhr } }) => {
    xhr.timeout = htmx.config.timeout;
    xhr.onerror = xhr.ontimeout = load;
  });
  addEventListener('htmx:historyCacheMissLoadError', load);
  // Without a network the browser's own page would take the place of the form, and of what was typed. A browser on a
  // machine of its own may think that it has none and reach Potato all the same: so it is asked.
  let answers = false;
  addEventListener('submit', event => {
    const { target, submitter } = event;
    if (answers || navigator.onLine || event.defaultPrevented || target.method !== 'post') return;
    event.preventDefault();
    fetch('/healthz', { cache: 'no-store' }).then(() => {
      answers = true;
      target.requestSubmit(submitter);
    }, () => say(box().dataset.away));
  });
  if (worker && 'serviceWorker' in navigator)
    addEventListener('load', () => navigator.serviceWorker.register(worker).catch(() => {}));
}
