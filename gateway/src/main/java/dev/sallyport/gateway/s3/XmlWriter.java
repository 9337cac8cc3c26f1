package dev.sallyport.gateway.s3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Builds an XML document of elements and text, as S3 answers. */
public final class XmlWriter {
    /** The namespace of S3's answers. */
    public static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

    private static final String DECLARATION = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    private final StringBuilder out = new StringBuilder(512).append(DECLARATION);
    private final Deque<String> open = new ArrayDeque<>();

    /** What every document begins with; white space may follow it. */
    public static byte[] declaration() {
        return DECLARATION.getBytes(StandardCharsets.UTF_8);
    }

    /** Opens the document's element, in S3's namespace. */
    public static XmlWriter document(String name) {
        XmlWriter writer = new XmlWriter();
        writer.out
                .append('<')
                .append(name)
                .append(" xmlns=\"")
                .append(NAMESPACE)
                .append("\">");
        writer.open.push(name);
        return writer;
    }

    /** Opens the document's element without a namespace, as in {@code Error}. */
    public static XmlWriter plainDocument(String name) {
        return new XmlWriter().open(name);
    }

    public XmlWriter open(String name) {
        out.append('<').append(name).append('>');
        open.push(name);
        return this;
    }

    public XmlWriter close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    public XmlWriter element(String name, String text) {
        out.append('<').append(name).append('>');
        escape(text);
        out.append("</").append(name).append('>');
        return this;
    }

    /** Text in the element that is open. */
    public XmlWriter text(String text) {
        escape(text);
        return this;
    }

    public XmlWriter element(String name, long value) {
        return element(name, Long.toString(value));
    }

    public XmlWriter element(String name, boolean value) {
        return element(name, Boolean.toString(value));
    }

    /** Nothing when {@code text} is null. */
    public XmlWriter optional(String name, @Nullable String text) {
        return text == null ? this : element(name, text);
    }

    /** Closes what is open, and gives the document in UTF-8. */
    public byte[] toBytes() {
        while (!open.isEmpty()) {
            close();
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    // Control characters are no XML 1.0, but S3 writes them as character references, and its clients read them so.
    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default -> {
                    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0xfffe || c == 0xffff) {
                        out.append("&#x").append(Integer.toHexString(c)).append(';');
                    } else {
                        out.append(c);
                    }
                }
            }
        }
    }
}
