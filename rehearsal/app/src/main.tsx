import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { currentToken } from './api/client.ts';
import { firstLanguage, loadMessages } from './i18n/provider.tsx';
import { preloadPage } from './pages.ts';
import './styles.css';

const RELOADED = 'fleetify.reloaded';

// A page that was open while another release took over asks for chunks that are gone: start afresh, once.
window.addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem(RELOADED) !== null) return;
  event.preventDefault();
  sessionStorage.setItem(RELOADED, 'yes');
  window.location.reload();
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with id root');

preloadPage(currentToken() === null ? '/login' : window.location.pathname);

const language = firstLanguage();
void loadMessages(language).then(({ messages }) => {
  createRoot(root).render(
    <StrictMode>
      <App language={language} messages={messages} />
    </StrictMode>,
  );
});
