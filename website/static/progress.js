// What a reader has done, kept in this browser alone: chapters read to their end, and questions answered.
{
  const isChapter = /\/book\/\d\d_\w+\.html$/;
  const stored = () => {
    try {
      return Object.entries(localStorage);
    } catch {
      return [];
    }
  };

  const end = document.querySelector("article.bd-article > section > section:last-of-type");
  if (isChapter.test(location.pathname) && end) {
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      try {
        localStorage.setItem(`read ${location.pathname}`, "end");
      } catch { /* a browser that keeps nothing */ }
      seen.disconnect();
    });
    seen.observe(end);
  }

  for (const link of document.querySelectorAll(".chapter-map td:first-child a")) {
    const path = new URL(link.href).pathname;
    const answered = stored().filter(([key, value]) => key.startsWith(`quiz ${path} `) && value === "right").length;
    const read = stored().some(([key]) => key === `read ${path}`);
    const words = [read && "✓ read", answered && `${answered} answered`].filter(Boolean);
    link.closest("tr").lastElementChild.textContent = words.join(", ") || "–";
  }
}
