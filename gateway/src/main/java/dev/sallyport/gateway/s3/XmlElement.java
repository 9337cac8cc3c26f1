package dev.sallyport.gateway.s3;

import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * An element of a parsed document: its local name (namespaces are not told apart, as on S3), its text, its children.
 * Document types and entities are refused, depth and number of elements are bounded; the caller bounds the bytes.
 */
public final class XmlElement {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_ELEMENTS = 200_000;
    private static final XMLInputFactory FACTORY = factory();

    private final String name;
    private final StringBuilder text = new StringBuilder();
    private final List<XmlElement> children = new ArrayList<>();

    private XmlElement(String name) {
        this.name = name;
    }

    /**
     * Parses a client's document.
     *
     * @param root the name that its element must have
     * @throws S3Exception {@code MalformedXML}
     */
    public static XmlElement parse(byte[] document, String root) {
        XmlElement element = parseOrNull(document);
        if (element == null || !element.name.equals(root)) {
            throw S3Errors.malformedXml();
        }
        return element;
    }

    /** Parses any document; null when it is not well-formed or over a bound. */
    public static @Nullable XmlElement parseOrNull(byte[] document) {
        try {
            XMLStreamReader reader = FACTORY.createXMLStreamReader(new ByteArrayInputStream(document));
            try {
                return read(reader);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException | RuntimeException e) {
            // The JDK's reader also throws unchecked exceptions, for wrong encodings among others.
            return null;
        }
    }

    private static @Nullable XmlElement read(XMLStreamReader reader) throws XMLStreamException {
        XmlElement root = null;
        Deque<XmlElement> open = new ArrayDeque<>();
        int elements = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    XmlElement element = new XmlElement(reader.getLocalName());
                    if (++elements > MAX_ELEMENTS || open.size() >= MAX_DEPTH) {
                        return null;
                    }
                    if (open.isEmpty()) {
                        root = element;
                    } else {
                        open.element().children.add(element);
                    }
                    open.push(element);
                }
                case XMLStreamConstants.END_ELEMENT -> open.pop();
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
                    open.element().text.append(reader.getText());
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE -> {
                    return null;
                }
                default -> {
                    // Comments, processing instructions and white space outside the document's element say nothing.
                }
            }
        }
        return root;
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        factory.setXMLResolver((publicId, systemId, baseUri, namespace) -> new ByteArrayInputStream(new byte[0]));
        return factory;
    }

    public String name() {
        return name;
    }

    /** The text directly in this element, without its children's. */
    public String text() {
        return text.toString();
    }

    public List<XmlElement> children() {
        return Collections.unmodifiableList(children);
    }

    public List<XmlElement> children(String childName) {
        return children.stream().filter(c -> c.name.equals(childName)).toList();
    }

    /** The first child of this name. */
    public @Nullable XmlElement child(String childName) {
        for (XmlElement child : children) {
            if (child.name.equals(childName)) {
                return child;
            }
        }
        return null;
    }

    /** The text of the first child of this name. */
    public @Nullable String childText(String childName) {
        XmlElement child = child(childName);
        return child == null ? null : child.text();
    }
}
