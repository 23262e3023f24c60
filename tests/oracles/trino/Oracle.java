import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.airlift.log.Level;
import io.airlift.log.Logging;
import io.trino.Session;
import io.trino.execution.Failure;
import io.trino.plugin.memory.MemoryPlugin;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarbinaryType;
import io.trino.testing.MaterializedResult;
import io.trino.testing.MaterializedRow;
import io.trino.testing.QueryFailedException;
import io.trino.testing.StandaloneQueryRunner;
import io.trino.testing.TestingSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * Trino itself, one process, with its memory connector. A line of standard input is {"sql": …}; a line of standard output is the answer:
 * {"columns": [{"name", "type"}], "rows": [[text or null]]}, or {"error": its code, "message": its words}. Values are texts as Athena writes them.
 */
public final class Oracle {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** As it is before the logging takes it over. */
    private static final PrintStream ERRORS = System.err;

    public static void main(String[] args) {
        try {
            serve();
        } catch (Throwable failure) {
            failure.printStackTrace(ERRORS);
            Runtime.getRuntime().halt(1);
        }
    }

    private static void serve() throws Exception {
        PrintStream out = System.out;
        // What Trino logs is not an answer.
        System.setOut(System.err);
        Logging.initialize().setLevel("", Level.ERROR);
        Session session = TestingSession.testSessionBuilder()
                .setCatalog("memory").setSchema("default").setTimeZoneKey(TimeZoneKey.UTC_KEY).build();
        try (StandaloneQueryRunner trino = new StandaloneQueryRunner(session)) {
            trino.installPlugin(new MemoryPlugin());
            trino.createCatalog("memory", "memory", Map.of());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                byte[] answer = JSON.writeValueAsBytes(answer(trino, session, JSON.readTree(line)));
                out.write(answer);
                out.write('\n');
                out.flush();
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static ObjectNode answer(StandaloneQueryRunner trino, Session session, JsonNode asked) {
        ObjectNode answer = JSON.createObjectNode();
        try {
            MaterializedResult result = trino.execute(session, asked.get("sql").asText());
            var columns = answer.putArray("columns");
            for (int n = 0; n < result.getTypes().size(); n++) {
                columns.addObject().put("name", result.getColumnNames().get(n)).put("type", result.getTypes().get(n).getDisplayName());
            }
            var rows = answer.putArray("rows");
            for (MaterializedRow row : result.getMaterializedRows()) {
                var cells = rows.addArray();
                for (int n = 0; n < row.getFieldCount(); n++) {
                    Object value = row.getField(n);
                    cells.add(value == null ? null : text(result.getTypes().get(n), value));
                }
            }
        } catch (QueryFailedException failure) {
            answer.put("error", code(failure)).put("message", failure.getMessage());
        } catch (RuntimeException failure) {
            answer.put("error", "UNKNOWN").put("message", String.valueOf(failure.getMessage()));
        }
        return answer;
    }

    /** Trino's name of the error, as TYPE_MISMATCH. */
    private static String code(QueryFailedException failure) {
        boolean told = failure.getCause() instanceof Failure cause && cause.getFailureInfo().getErrorCode() != null;
        return told ? ((Failure) failure.getCause()).getFailureInfo().getErrorCode().getName() : "UNKNOWN";
    }

    private static String text(Type type, Object value) {
        if (value == null) return "null";
        if (type instanceof ArrayType array && value instanceof List<?> list) {
            return list.stream().map(item -> text(array.getElementType(), item)).collect(Collectors.joining(", ", "[", "]"));
        }
        if (type instanceof MapType types && value instanceof Map<?, ?> map) {
            StringJoiner entries = new StringJoiner(", ", "{", "}");
            map.forEach((key, item) -> entries.add(text(types.getKeyType(), key) + "=" + text(types.getValueType(), item)));
            return entries.toString();
        }
        if (type instanceof RowType types) {
            List<?> values = value instanceof MaterializedRow row ? row.getFields() : (List<?>) value;
            StringJoiner fields = new StringJoiner(", ", "{", "}");
            for (int n = 0; n < values.size(); n++) {
                var field = types.getFields().get(n);
                fields.add(field.getName().orElse("field" + n) + "=" + text(field.getType(), values.get(n)));
            }
            return fields.toString();
        }
        if (type instanceof VarbinaryType) {
            // Trino's client writes bytes in Base64.
            byte[] bytes = value instanceof byte[] plain ? plain : Base64.getDecoder().decode(value.toString());
            return HexFormat.ofDelimiter(" ").formatHex(bytes);
        }
        if (value instanceof BigDecimal decimal) return decimal.toPlainString();
        if (value instanceof Float real) return Float.toString(real);
        return value.toString();
    }
}
