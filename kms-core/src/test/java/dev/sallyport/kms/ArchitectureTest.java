package dev.sallyport.kms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.sallyport.kms.crypto.SecretBytes;
import javax.crypto.Cipher;

@AnalyzeClasses(packages = "dev.sallyport.kms", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE =
            slices().assignedFrom(new EachPackage()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule CIPHERS_ARE_NAMED_IN_CRYPTO_ONLY = noClasses()
            .that()
            .resideOutsideOfPackage("dev.sallyport.kms.crypto")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Cipher.class);

    @ArchTest
    static final ArchRule A_LIBRARY_WITHOUT_HTTP = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "java.net.http..", "com.sun.net..", "dev.sallyport.gateway..");

    @ArchTest
    static final ArchRule RECORDS_HOLD_NO_SECRETS_AND_NO_ARRAYS = noFields()
            .that()
            .areDeclaredInClassesThat()
            .areRecords()
            .and()
            .areNotStatic()
            .should()
            .haveRawType(new SecretOrArray());

    private static final class EachPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            return javaClass.getPackageName().startsWith("dev.sallyport.")
                    ? SliceIdentifier.of(javaClass.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }

    private static final class SecretOrArray extends DescribedPredicate<JavaClass> {
        SecretOrArray() {
            super("secret bytes or an array");
        }

        @Override
        public boolean test(JavaClass type) {
            return type.isArray() || type.isEquivalentTo(SecretBytes.class);
        }
    }
}
